/// A 32-byte hash value: SHA-256 or SM3 output, a Merkle node, a record id.
///
/// Held as four words so that comparing, hashing and copying need no allocation.
package struct Digest: Hashable, Sendable {
  /// The number of bytes in every digest.
  package static let byteCount = 32

  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// Takes exactly 32 bytes; any other length gives nil.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    let fast = bytes.withContiguousStorageIfAvailable { Digest(unchecked: UnsafeRawBufferPointer($0)) }
    self = fast ?? Array(bytes).withUnsafeBytes { Digest(unchecked: $0) }
  }

  /// Fills a digest through a 32-byte buffer; what the body leaves untouched is zero.
  package init(filling body: (UnsafeMutableRawBufferPointer) -> Void) {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutableBytes(of: &words, body)
    self.words = words
  }

  private init(unchecked source: UnsafeRawBufferPointer) {
    self.init { $0.copyMemory(from: source) }
  }

  /// Calls the body with the 32 bytes in place.
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Swift.withUnsafeBytes(of: words, body)
  }

  /// The 32 bytes as an array.
  package var bytes: [UInt8] { withUnsafeBytes(Array.init) }

  /// The first eight bytes as a big-endian integer: a short key for indexes, never an identity.
  package var prefix64: UInt64 { UInt64(bigEndian: words.0) }

  package static func == (left: Digest, right: Digest) -> Bool {
    left.words.0 == right.words.0 && left.words.1 == right.words.1
      && left.words.2 == right.words.2 && left.words.3 == right.words.3
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}

extension Digest: Comparable {
  /// Byte order, as `memcmp` would have it.
  package static func < (left: Digest, right: Digest) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { right in left.lexicographicallyPrecedes(right) } }
  }
}

extension Digest: CustomStringConvertible {
  /// Lower-case hexadecimal, 64 characters.
  package var description: String { Hex.encode(bytes) }

  /// Parses 64 hexadecimal characters, upper or lower case.
  package init?(hex: String) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }
}
