package import Primitives
import Signing

/// A log's side of C2SP tlog-witness with one witness: which size to go on from, and what an answer means. Pure: whoever
/// holds it sends the requests.
package struct WitnessDialogue: Sendable {
  /// What a witness answered.
  package struct Answer: Hashable, Sendable {
    /// The HTTP status.
    package let status: Int
    /// The content type.
    package let type: String
    /// The body.
    package let body: String

    /// An answer of these parts.
    package init(status: Int, type: String, body: String) {
      self.status = status
      self.type = type
      self.body = body
    }
  }

  /// What follows from an answer.
  package enum Outcome: Hashable, Sendable {
    /// The witness cosigned.
    case cosigned(SignedNote.Signature)
    /// Ask again at once, from the size that is now known.
    case again
  }

  /// Seconds that a witness's clock may be ahead.
  package static let clockTolerance: Int64 = 300

  /// The witness.
  package let witness: Policy.Witness
  /// The size from which the next proof goes on: what the witness is believed to have cosigned last.
  package private(set) var oldSize: UInt64 = 0
  /// The largest size that it cosigned as far as this dialogue knows.
  package private(set) var cosignedSize: UInt64 = 0

  /// Begins without knowing anything.
  package init(with witness: Policy.Witness) { self.witness = witness }

  /// Goes on from a cosignature that was kept.
  package mutating func resume(from size: UInt64) { (oldSize, cosignedSize) = (size, size) }

  /// Judges the answer to a request of `note`, a checkpoint of `size`, that came at `time`.
  ///
  /// Fails with WITNESS_ROLLED_BACK, WITNESS_AHEAD or WITNESS_REFUSED, which somebody has to look into, and with unavailable
  /// WITNESS_BUSY, which passes.
  package mutating func read(
    _ answer: Answer, to note: SignedNote, size: UInt64, at time: Instant
  ) throws(Failure) -> Outcome {
    switch answer.status {
    case 200:
      let signature = try cosignature(in: answer.body, over: note, at: time)
      (oldSize, cosignedSize) = (size, max(size, cosignedSize))
      return .cosigned(signature)
    case 409 where answer.type.lowercased().hasPrefix("text/x.tlog.size"):
      try conflict(answer.body, size: size)
      return .again
    case 429, 500...599:
      throw Failure(.unavailable, "WITNESS_BUSY", "it answered \(answer.status)\(Self.words(answer.body))")
    default:
      throw Failure(
        .preconditionFailed, "WITNESS_REFUSED",
        "it answered \(answer.status)\(Self.meaning(answer.status))\(Self.words(answer.body))")
    }
  }

  private mutating func conflict(_ body: String, size: UInt64) throws(Failure) {
    let line = Array(body.utf8.prefix(24))
    guard line.last == Text.lineFeed, let told = Text.decimal(line.dropLast()) else {
      throw Failure(.preconditionFailed, "WITNESS_REFUSED", "it answered 409 with something that is no size")
    }
    guard told <= size else {
      throw Failure(
        .preconditionFailed, "WITNESS_AHEAD",
        "it has cosigned \(told) entries of this log, which has \(size) here: this log went back, or its key signs elsewhere"
      )
    }
    guard told >= cosignedSize else {
      throw Failure(
        .preconditionFailed, "WITNESS_ROLLED_BACK",
        "it says that it cosigned \(told) entries last, and it cosigned \(cosignedSize) before")
    }
    guard told != oldSize else {
      throw Failure(
        .preconditionFailed, "WITNESS_REFUSED",
        "it asks for a proof from \(told), which it was given: it knows another root for that size")
    }
    oldSize = told
  }

  /// The witness's own line of an answer, verified; lines of unknown keys are read over.
  private func cosignature(
    in body: String, over note: SignedNote, at time: Instant
  ) throws(Failure) -> SignedNote.Signature {
    guard let answered = try? SignedNote("\(note.text)\n\(body)"),
      let signature = answered.signatures.first(where: { $0.claims(witness.key) }),
      let cosignature = Cosignature(signature.bytes), answered.text.utf8.elementsEqual(note.text.utf8),
      cosignature.verifies(over: note.text, by: witness.key.publicKey)
    else { throw Failure(.preconditionFailed, "WITNESS_REFUSED", "it answered 200 without a cosignature of its key") }
    let ahead = cosignature.time.microseconds / 1_000_000 - time.microseconds / 1_000_000
    guard ahead <= Self.clockTolerance else {
      throw Failure(
        .preconditionFailed, "WITNESS_REFUSED",
        "its clock is \(ahead) s ahead: the cosignature is of \(cosignature.time)")
    }
    return signature
  }

  private static func meaning(_ status: Int) -> String {
    switch status {
    case 403: ", knows no key that signed this checkpoint: it must be given this log's vkey"
    case 404: ", does not witness this log: it must be given this log's origin and vkey"
    case 422: ", finds this checkpoint inconsistent with what it cosigned before"
    default: ""
    }
  }

  /// What the witness said, for a log line: printable, and not much of it.
  private static func words(_ body: String) -> String {
    let words = String(String.UnicodeScalarView(body.unicodeScalars.prefix(120).filter { 0x20...0x7e ~= $0.value }))
    return words.isEmpty ? "" : ": \(words)"
  }
}
