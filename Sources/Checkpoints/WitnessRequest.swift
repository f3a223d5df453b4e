package import Primitives

/// What a log sends to a witness (C2SP tlog-witness, add-checkpoint): a checkpoint, and the proof that it goes on from an
/// older one.
package struct WitnessRequest: Hashable, Sendable {
  /// The most bytes a request may have.
  package static let maxByteCount = SignedNote.maxByteCount + 4_096
  /// The most hashes a proof may have.
  package static let maxProofLength = 63

  /// The size of the checkpoint that the witness is believed to have cosigned last; 0 for none.
  package let oldSize: UInt64
  /// The consistency proof from the old size to the checkpoint's (RFC 6962 §2.1.2).
  package let proof: [Digest]
  /// The signed checkpoint.
  package let note: SignedNote
  /// What the note says.
  package let checkpoint: Checkpoint

  /// A request of these parts; fails with MALFORMED_CHECKPOINT where the note is none.
  package init(oldSize: UInt64, proof: [Digest], note: SignedNote) throws(Failure) {
    self.oldSize = oldSize
    self.proof = proof
    self.note = note
    checkpoint = try Checkpoint(note.text)
  }

  /// Parses a request from anywhere; fails with MALFORMED_WITNESS_REQUEST, or as `SignedNote` and `Checkpoint` do.
  package init(_ body: [UInt8]) throws(Failure) {
    guard body.count <= Self.maxByteCount else { throw Self.malformed("at most \(Self.maxByteCount) bytes are read") }
    let blank = body.indices.dropFirst().first { body[$0] == Text.lineFeed && body[$0 - 1] == Text.lineFeed }
    guard let blank, let lines = Text.lines(body[..<blank]),
      let note = String(validating: body[(blank + 1)...], as: UTF8.self)
    else { throw Self.malformed("expected 'old <size>', the proof, an empty line and a checkpoint, in UTF-8") }
    guard let first = lines.first, first.starts(with: Self.key.utf8),
      let oldSize = Text.decimal(first.dropFirst(Self.key.utf8.count))
    else { throw Self.malformed("expected 'old <size>', a decimal number below 2^64 without leading zeros") }
    guard lines.count - 1 <= Self.maxProofLength else {
      throw Self.malformed("more than \(Self.maxProofLength) hashes")
    }
    let proof = lines.dropFirst().compactMap { Base64.decode($0).flatMap { Digest($0) } }
    guard proof.count == lines.count - 1 else {
      throw Self.malformed("every line of the proof is 32 bytes in canonical base 64")
    }
    try self.init(oldSize: oldSize, proof: proof, note: try SignedNote(note))
  }

  private static let key = "old "

  private static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_WITNESS_REQUEST", field: "body", description)
  }
}

extension WitnessRequest: CustomStringConvertible {
  /// The body as it is sent.
  package var description: String {
    let hashes = proof.map { Base64.encode($0.bytes) + "\n" }.joined()
    return "\(Self.key)\(oldSize)\n\(hashes)\n\(note)"
  }
}
