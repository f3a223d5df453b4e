package import FoundationEssentials
package import Primitives
package import Signing
package import Wire

/// What a batch's signature covers, and how it is checked.
package enum BatchSignature {
  private static let context = Data("cairn/batch/v1\u{0}".utf8)

  /// The bytes that the author signs: the domain `cairn/batch/v1`, a zero byte, the header.
  package static func message(_ header: Data) -> Data { context + header }

  /// Checks a signature from outside against the key it claims.
  package static func verify(_ signature: Cairn_V1_Signature, header: Data, by key: PublicKey) throws(Failure) {
    guard let suite = Suite(signature.suite), suite == key.suite else {
      throw Failure(
        .unauthenticated, "WRONG_SUITE",
        "signature.suite: \(signature.suite) given, key \(key.id) is registered for \(key.suite)")
    }
    guard signature.value.count == Limits.signatureBytes else {
      throw .malformed(
        "SIGNATURE_SIZE", field: "signature.value",
        "\(signature.value.count) bytes; \(Limits.signatureBytes) expected (ECDSA and SM2 as r || s, not DER)")
    }
    guard key.verifies(signature: signature.value, over: message(header)) else {
      throw Failure(
        .unauthenticated, "INVALID_SIGNATURE",
        "signature.value: not key \(key.id)'s signature over \"cairn/batch/v1\" || 0x00 || header")
    }
  }
}

extension Suite {
  /// The suite of that name on the wire; nil for one this version does not know.
  package init?(_ wire: Cairn_V1_SignatureSuite) {
    switch wire {
    case .ed25519: self = .ed25519
    case .ecdsaP256Sha256: self = .ecdsaP256
    case .sm2Sm3: self = .sm2
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  /// The suite's name on the wire.
  package var wire: Cairn_V1_SignatureSuite {
    switch self {
    case .ed25519: .ed25519
    case .ecdsaP256: .ecdsaP256Sha256
    case .sm2: .sm2Sm3
    }
  }
}
