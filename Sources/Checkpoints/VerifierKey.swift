package import Primitives
package import Signing

/// A named Ed25519 key that signs notes, with the text form of C2SP signed-note: `name+<key id>+<base64>`.
package struct VerifierKey: Sendable {
  /// What the key's signatures cover.
  package enum Kind: UInt8, Sendable {
    /// The note's text (C2SP signed-note).
    case note = 0x01
    /// A time and a checkpoint's text (C2SP tlog-cosignature, cosignature/v1).
    case cosignature = 0x04
  }

  /// The most bytes a name may have.
  package static let maxNameByteCount = 255

  /// A non-empty name without Unicode spaces, control characters or `+`.
  package let name: String
  /// What the key's signatures cover.
  package let kind: Kind
  /// An Ed25519 key.
  package let publicKey: PublicKey
  /// The first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ raw key), big-endian: a label, not an identity.
  package let keyID: UInt32

  private let rawKey: [UInt8]

  /// Names a key; fails with MALFORMED_KEY_NAME, or UNSUPPORTED_KEY unless it is an Ed25519 key.
  package init(name: String, kind: Kind, publicKey: PublicKey) throws(Failure) {
    try Self.check(name)
    guard let rawKey = publicKey.rawRepresentation else {
      throw .malformed("UNSUPPORTED_KEY", field: "key", "a \(publicKey.suite) key; notes are signed with Ed25519")
    }
    self.name = name
    self.kind = kind
    self.publicKey = publicKey
    self.rawKey = rawKey
    let named = Array(name.utf8) + [Text.lineFeed, kind.rawValue] + rawKey
    keyID = SHA256.hash(named).withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) }
  }

  /// Parses the text form; fails with MALFORMED_VERIFIER_KEY, MALFORMED_KEY_NAME or WEAK_KEY.
  package init(_ text: String) throws(Failure) {
    let parts = Array(text.utf8.prefix(1_000)).split(separator: UInt8(ascii: "+"), maxSplits: 2)
    guard parts.count == 3, let key = Base64.decode(parts[2]), key.count == 33 else {
      throw Self.malformed("expected name+<8 hex digits>+<base64 of a type byte and 32 bytes>")
    }
    guard let kind = Kind(rawValue: key[0]) else {
      throw Self.malformed("signature type \(key[0]); 1 (note) and 4 (cosignature) are known")
    }
    let publicKey = try PublicKey(ed25519Raw: key.dropFirst())
    try self.init(name: Text.string(parts[0]), kind: kind, publicKey: publicKey)
    guard description.utf8.elementsEqual(text.utf8) else {
      throw Self.malformed("the key id is wrong; for this name and key the text is \(description)")
    }
  }

  /// Fails with MALFORMED_KEY_NAME where `name` cannot name a key (C2SP signed-note, Format).
  package static func check(_ name: String) throws(Failure) {
    let hasForbidden = name.unicodeScalars.contains {
      $0.properties.isWhitespace || $0 == "+" || $0.value < 0x20 || $0.value == 0x7f
    }
    guard !name.isEmpty, name.utf8.count <= maxNameByteCount, !hasForbidden else {
      throw .malformed(
        "MALFORMED_KEY_NAME", field: "name",
        "1 to \(maxNameByteCount) bytes without spaces, control characters and '+' are right")
    }
  }

  private static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_VERIFIER_KEY", field: "key", description)
  }
}

extension VerifierKey: CustomStringConvertible {
  /// The text form, `name+<8 hex digits>+<base64(type ‖ key)>`.
  package var description: String {
    let digits = Hex.encode(withUnsafeBytes(of: keyID.bigEndian, Array.init))
    return "\(name)+\(digits)+\(Base64.encode([kind.rawValue] + rawKey))"
  }
}

extension VerifierKey: Hashable {
  package static func == (left: VerifierKey, right: VerifierKey) -> Bool {
    left.keyID == right.keyID && left.kind == right.kind && left.publicKey == right.publicKey
      && left.name.utf8.elementsEqual(right.name.utf8)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(keyID) }
}
