import COpenSSL
package import FoundationEssentials
package import Primitives

/// SHA-256 (FIPS 180-4), incrementally or at once.
package struct SHA256: Sendable {
  private var context = SHA256_CTX()

  /// A hasher that has seen no bytes.
  package init() { SHA256_Init(&context) }

  /// Hashes `bytes` after what it has seen before.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  /// Hashes `bytes` after what it has seen before.
  package mutating func update(_ bytes: some ContiguousBytes) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The hash of everything seen so far; the hasher itself can go on.
  package func finalize() -> Digest {
    var last = context
    return Digest { SHA256_Final($0.bindMemory(to: UInt8.self).baseAddress, &last) }
  }
}

extension SHA256 {
  /// The hash of `bytes`.
  package static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
    var hasher = SHA256()
    hasher.update(bytes)
    return hasher.finalize()
  }

  /// The hash of `bytes`.
  package static func hash(_ bytes: some ContiguousBytes) -> Digest {
    bytes.withUnsafeBytes { hash($0) }
  }

  /// The hash of `prefix ‖ bytes`, without joining them.
  package static func hash(prefix: UInt8, _ bytes: UnsafeRawBufferPointer) -> Digest {
    var hasher = SHA256(prefix: prefix)
    hasher.update(bytes)
    return hasher.finalize()
  }

  /// The hash of `prefix ‖ bytes`, without joining them.
  package static func hash(prefix: UInt8, _ bytes: some ContiguousBytes) -> Digest {
    bytes.withUnsafeBytes { hash(prefix: prefix, $0) }
  }

  /// The hash of `prefix ‖ left ‖ right`, without joining them.
  package static func hash(prefix: UInt8, _ left: Digest, _ right: Digest) -> Digest {
    var hasher = SHA256(prefix: prefix)
    left.withUnsafeBytes { hasher.update($0) }
    right.withUnsafeBytes { hasher.update($0) }
    return hasher.finalize()
  }

  private init(prefix: UInt8) {
    self.init()
    withUnsafeBytes(of: prefix) { update($0) }
  }
}
