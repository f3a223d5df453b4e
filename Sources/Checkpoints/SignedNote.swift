package import Primitives

/// A text and the signatures under it (C2SP signed-note): parsed, nothing verified.
package struct SignedNote: Hashable, Sendable {
  /// One signature line.
  package struct Signature: Hashable, Sendable {
    /// The signing key's name.
    package let name: String
    /// The signing key's id.
    package let keyID: UInt32
    /// What the key's kind says: for Ed25519 notes 64 bytes, for cosignatures 72.
    package let bytes: [UInt8]

    /// The signature that the key `key` made.
    package init(by key: VerifierKey, bytes: [UInt8]) {
      self.init(name: key.name, keyID: key.keyID, bytes: bytes)
    }

    init(name: String, keyID: UInt32, bytes: [UInt8]) {
      self.name = name
      self.keyID = keyID
      self.bytes = bytes
    }

    /// Whether the line claims to be by this key: the name and the id both match.
    package func claims(_ key: VerifierKey) -> Bool {
      keyID == key.keyID && name.utf8.elementsEqual(key.name.utf8)
    }
  }

  /// The most bytes a note may have.
  package static let maxByteCount = 65_536
  /// The most signature lines a note may have.
  package static let maxSignatures = 128

  /// The signed text; it ends in a line feed.
  package let text: String
  /// The signature lines, in order.
  package private(set) var signatures: [Signature]

  /// A note of these parts.
  package init(text: String, signatures: [Signature]) {
    self.text = text
    self.signatures = signatures
  }

  /// Parses a note from anywhere; fails with NOTE_TOO_LONG, TOO_MANY_SIGNATURES or MALFORMED_NOTE.
  package init(_ note: String) throws(Failure) {
    let bytes = Array(note.utf8.prefix(Self.maxByteCount + 1))
    guard bytes.count <= Self.maxByteCount else {
      throw .malformed("NOTE_TOO_LONG", field: "note", "a note has at most \(Self.maxByteCount) bytes")
    }
    guard !Text.hasControlCharacters(bytes) else {
      throw Self.malformed("control characters other than line feeds are not allowed")
    }
    guard let end = Self.endOfText(bytes), let lines = Text.lines(bytes[(end + 1)...]) else {
      throw Self.malformed("expected a text, a blank line, and signature lines, each ending in a line feed")
    }
    guard lines.count <= Self.maxSignatures else {
      throw .malformed(
        "TOO_MANY_SIGNATURES", field: "note", "\(lines.count) signature lines; at most \(Self.maxSignatures) are read")
    }
    text = Text.string(bytes[..<end])
    signatures = []
    for line in lines { signatures.append(try Self.signature(line)) }
  }

  /// The note with another signature line at its end.
  package func adding(_ signature: Signature) -> SignedNote {
    SignedNote(text: text, signatures: signatures + [signature])
  }

  /// The index after the line feed that ends the text: that of the last blank line.
  private static func endOfText(_ bytes: [UInt8]) -> Int? {
    bytes.indices.dropFirst().last { bytes[$0] == Text.lineFeed && bytes[$0 - 1] == Text.lineFeed }
  }

  private static func signature(_ line: [UInt8]) throws(Failure) -> Signature {
    let parts = line.split(separator: Text.space, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual("—".utf8), let blob = Base64.decode(parts[2]), blob.count > 4 else {
      throw malformed("a signature line is '— <name> <base64(4-byte key id ‖ signature)>'")
    }
    let name = Text.string(parts[1])
    try VerifierKey.check(name)
    let keyID = blob.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Signature(name: name, keyID: keyID, bytes: Array(blob.dropFirst(4)))
  }

  private static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_NOTE", field: "note", description)
  }
}

extension SignedNote: CustomStringConvertible {
  /// The note as it is stored and sent.
  package var description: String {
    signatures.reduce(text + "\n") { $0 + $1.description }
  }
}

extension SignedNote.Signature: CustomStringConvertible {
  /// The signature line, with its line feed.
  package var description: String {
    let keyID = withUnsafeBytes(of: keyID.bigEndian, Array.init)
    return "— \(name) \(Base64.encode(keyID + bytes))\n"
  }
}
