/// SipHash-2-4 (Aumasson and Bernstein, 2012): a 64-bit hash that is quick for short texts. With a key that others know, as
/// here, it withstands chance, not an attacker.
package struct SipHash {
  private var words: (UInt64, UInt64, UInt64, UInt64)

  private init(key: (UInt64, UInt64)) {
    words = (
      key.0 ^ 0x736F_6D65_7073_6575, key.1 ^ 0x646F_7261_6E64_6F6D, key.0 ^ 0x6C79_6765_6E65_7261,
      key.1 ^ 0x7465_6462_7974_6573
    )
  }

  /// The hash of `bytes` under a key of 128 bits.
  package static func hash(_ bytes: UnsafeRawBufferPointer, key: (UInt64, UInt64)) -> UInt64 {
    var hash = SipHash(key: key)
    let whole = bytes.count & ~7
    for offset in stride(from: 0, to: whole, by: 8) {
      hash.take(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
    var last = UInt64(bytes.count) << 56
    for offset in whole..<bytes.count { last |= UInt64(bytes[offset]) << (8 * UInt64(offset - whole)) }
    hash.take(last)
    hash.words.2 ^= 0xFF
    for _ in 0..<4 { hash.round() }
    return hash.words.0 ^ hash.words.1 ^ hash.words.2 ^ hash.words.3
  }

  private mutating func take(_ word: UInt64) {
    words.3 ^= word
    round()
    round()
    words.0 ^= word
  }

  private mutating func round() {
    words.0 &+= words.1
    words.1 = words.1.rotated(by: 13) ^ words.0
    words.0 = words.0.rotated(by: 32)
    words.2 &+= words.3
    words.3 = words.3.rotated(by: 16) ^ words.2
    words.0 &+= words.3
    words.3 = words.3.rotated(by: 21) ^ words.0
    words.2 &+= words.1
    words.1 = words.1.rotated(by: 17) ^ words.2
    words.2 = words.2.rotated(by: 32)
  }
}

extension UInt64 {
  fileprivate func rotated(by bits: UInt64) -> UInt64 { self << bits | self >> (64 - bits) }
}
