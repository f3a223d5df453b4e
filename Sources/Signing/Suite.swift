import COpenSSL

/// How a key signs: the curve, the hash, and with them the layouts of keys and signatures.
package enum Suite: UInt8, Hashable, Sendable, CaseIterable {
  /// Ed25519 (RFC 8032).
  case ed25519 = 1
  /// ECDSA on P-256 with SHA-256 (FIPS 186-5), `r ‖ s`. High and low `s` are both accepted, as stock signers make both:
  /// a signature is therefore no identity of what it signs.
  case ecdsaP256 = 2
  /// SM2 with SM3 (GB/T 32918.2), `r ‖ s`, distinguishing id `1234567812345678`.
  case sm2 = 3

  /// The number of bytes in every signature, whatever the suite.
  package static let signatureByteCount = 64
}

extension Suite: CustomStringConvertible {
  /// The suite's name in text for people.
  package var description: String {
    switch self {
    case .ed25519: "Ed25519"
    case .ecdsaP256: "ECDSA P-256"
    case .sm2: "SM2"
    }
  }
}

extension Suite {
  /// What OpenSSL calls this type of key.
  var keyType: String {
    switch self {
    case .ed25519: "ED25519"
    case .ecdsaP256: "EC"
    case .sm2: "SM2"
    }
  }

  /// The hash OpenSSL must apply; nil where the algorithm brings its own.
  var hash: OpaquePointer? {
    switch self {
    case .ed25519: nil
    case .ecdsaP256: EVP_sha256()
    case .sm2: EVP_sm3()
    }
  }

  /// The bytes of every canonical SubjectPublicKeyInfo of this suite before the key itself; with the number of bytes
  /// that follow, they admit one encoding of each key: named curve, uncompressed point.
  var keyPrefix: [UInt8] {
    switch self {
    case .ed25519:
      [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
    case .ecdsaP256:
      [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]
        + [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04]
    case .sm2:
      [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]
        + [0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00, 0x04]
    }
  }

  /// The number of bytes that follow `keyPrefix`.
  var keyByteCount: Int { self == .ed25519 ? 32 : 64 }
}
