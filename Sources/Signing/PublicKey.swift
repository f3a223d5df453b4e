import COpenSSL
package import FoundationEssentials
package import Primitives

/// A key that can verify, parsed once and used from any number of threads.
package final class PublicKey: Sendable {
  /// The most bytes a SubjectPublicKeyInfo may have.
  package static let maxByteCount = 256

  /// The key as DER (RFC 5280 §4.1.2.7): the only encoding that was accepted, so equal keys have equal bytes.
  package let subjectPublicKeyInfo: [UInt8]
  /// How this key signs.
  package let suite: Suite
  /// SHA-256 of `subjectPublicKeyInfo`.
  package let id: KeyID

  private let handle: KeyHandle

  /// Parses DER of at most 256 bytes: Ed25519, or P-256 or SM2 as a named curve with an uncompressed point.
  ///
  /// Fails with MALFORMED_KEY or, for a key of another kind or encoding, UNSUPPORTED_KEY.
  package init(subjectPublicKeyInfo der: [UInt8]) throws(Failure) {
    guard der.count <= Self.maxByteCount else {
      throw Self.failure(
        "MALFORMED_KEY", "\(der.count) bytes; Ed25519, P-256 and SM2 keys have fewer than \(Self.maxByteCount)")
    }
    guard let handle = Self.parse(der) else {
      throw Self.failure("MALFORMED_KEY", "not the DER of a SubjectPublicKeyInfo, or its point is not on its curve")
    }
    guard let suite = Self.suite(of: der) else {
      throw Self.failure(
        "UNSUPPORTED_KEY", "neither Ed25519 nor P-256 nor SM2 in DER with a named curve and an uncompressed point")
    }
    guard suite != .ed25519 || !Ed25519.isWeak(der.suffix(suite.keyByteCount)) else {
      throw Self.failure("WEAK_KEY", "an Ed25519 point of small order or in a second encoding; generate a fresh key")
    }
    self.handle = handle
    self.suite = suite
    subjectPublicKeyInfo = der
    id = KeyID(SHA256.hash(der))
  }

  /// The key whose raw Ed25519 form (RFC 8032 §5.1.5) is these 32 bytes.
  package convenience init(ed25519Raw raw: some Collection<UInt8>) throws(Failure) {
    guard raw.count == Suite.ed25519.keyByteCount else {
      throw Self.failure("MALFORMED_KEY", "\(raw.count) bytes; a raw Ed25519 key has 32")
    }
    try self.init(subjectPublicKeyInfo: Suite.ed25519.keyPrefix + raw)
  }

  /// The 32 bytes of an Ed25519 key; nil in the other suites.
  package var rawRepresentation: [UInt8]? {
    suite == .ed25519 ? Array(subjectPublicKeyInfo.suffix(suite.keyByteCount)) : nil
  }

  /// Whether the 64-byte `signature` over `message` was made with this key's private half.
  package func verifies(signature: some ContiguousBytes, over message: some ContiguousBytes) -> Bool {
    let encoded = signature.withUnsafeBytes { raw in
      suite == .ed25519 ? (raw.count == Suite.signatureByteCount ? Array(raw) : nil) : ECDSASignature.der(raw)
    }
    guard let encoded else { return false }
    return message.withUnsafeBytes { handle.verifies(encoded, over: $0, suite: suite) }
  }

  private static func suite(of der: [UInt8]) -> Suite? {
    Suite.allCases.first { der.count == $0.keyPrefix.count + $0.keyByteCount && der.starts(with: $0.keyPrefix) }
  }

  private static func parse(_ der: [UInt8]) -> KeyHandle? {
    defer { ERR_clear_error() }
    return der.withUnsafeBufferPointer { buffer in
      var end = buffer.baseAddress
      guard let key = d2i_PUBKEY(nil, &end, buffer.count) else { return nil }
      let handle = KeyHandle(owning: key)
      return end == buffer.baseAddress?.advanced(by: buffer.count) ? handle : nil
    }
  }

  private static func failure(_ reason: String, _ description: String) -> Failure {
    .malformed(reason, field: "public_key", description)
  }
}

extension PublicKey: Hashable {
  package static func == (left: PublicKey, right: PublicKey) -> Bool { left.id == right.id }

  package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension PublicKey: CustomStringConvertible {
  /// The suite and the key id.
  package var description: String { "\(suite) key \(id)" }
}
