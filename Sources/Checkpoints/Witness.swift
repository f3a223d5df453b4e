import Merkle
package import Primitives
import Signing

/// The rules by which a witness cosigns the checkpoints of other logs (C2SP tlog-witness). What it cosigned last is given
/// to it, and given back to be kept before anybody is answered.
package struct Witness: Sendable {
  /// A log that is witnessed.
  package struct Log: Hashable, Sendable {
    /// The first line of its checkpoints.
    package let origin: String
    /// The keys of which one must have signed, of kind note.
    package let keys: [VerifierKey]

    /// The log `origin`, signed by any of `keys`.
    package init(origin: String, keys: [VerifierKey]) {
      self.origin = origin
      self.keys = keys
    }
  }

  /// The latest checkpoint of a log that this witness cosigned.
  package struct Cosigned: Hashable, Sendable {
    /// What it says.
    package let checkpoint: Checkpoint
    /// It with the log's signatures and this witness's.
    package let note: SignedNote
    /// When it was cosigned.
    package let time: Instant
    /// The witness's signature line.
    package let line: String
  }

  private let cosigner: Cosigner
  private let logs: [[UInt8]: Log]

  /// A witness of `logs`, whose origins differ.
  package init(cosigner: Cosigner, logs: [Log]) {
    self.cosigner = cosigner
    self.logs = Dictionary(logs.map { (Array($0.origin.utf8), $0) }) { first, _ in first }
  }

  /// What others verify with.
  package var verifierKey: VerifierKey { cosigner.verifierKey }

  /// Takes a request as far as it can be judged alone, in the order of the specification: malformed ones, notFound
  /// UNKNOWN_ORIGIN, unauthenticated LOG_SIGNATURE_MISSING or LOG_SIGNATURE_WRONG, malformed OLD_SIZE_TOO_LARGE.
  package func examine(_ request: WitnessRequest) throws(Failure) {
    let checkpoint = request.checkpoint
    guard let log = log(of: checkpoint) else {
      throw Failure(.notFound, "UNKNOWN_ORIGIN", "the log '\(checkpoint.origin)' is not witnessed here")
    }
    guard try !Self.signatures(of: log, under: request.note).isEmpty else {
      throw Failure(
        .unauthenticated, "LOG_SIGNATURE_MISSING", "none of the known keys of '\(log.origin)' signed this checkpoint")
    }
    guard request.oldSize <= checkpoint.size else {
      throw .malformed(
        "OLD_SIZE_TOO_LARGE", field: "old", "\(request.oldSize), and the checkpoint has \(checkpoint.size) entries")
    }
  }

  /// Cosigns the checkpoint of a request that `examine` took, after `last` of the same log.
  ///
  /// Fails with conflict OLD_SIZE_MISMATCH, whose metadata has the `size` that is right; preconditionFailed
  /// INCONSISTENT_CHECKPOINT; unavailable CLOCK_WENT_BACK where `time` lies before that of `last`.
  package func cosign(
    _ request: WitnessRequest, after last: Cosigned?, at time: Instant
  ) throws(Failure) -> Cosigned {
    let checkpoint = request.checkpoint
    let lastSize = last?.checkpoint.size ?? 0
    guard request.oldSize == lastSize else {
      throw Failure(
        .conflict, "OLD_SIZE_MISMATCH", "old: \(request.oldSize); the size cosigned last is \(lastSize)",
        metadata: ["size": "\(lastSize)"])
    }
    do throws(Failure) { try Self.verifyGrowth(request, after: last) } catch {
      throw Failure(
        .preconditionFailed, "INCONSISTENT_CHECKPOINT",
        "the proof does not show that \(checkpoint.size) entries of '\(checkpoint.origin)' begin with the \(lastSize) that "
          + "were cosigned: \(error.message)", metadata: ["origin": checkpoint.origin])
    }
    if let last, time.microseconds / 1_000_000 < last.time.microseconds / 1_000_000 {
      throw Failure(
        .unavailable, "CLOCK_WENT_BACK", "it is \(time) here, and the last cosignature is of \(last.time)",
        retryAfterMilliseconds: 5_000)
    }
    let cosignature = try Cosignature.make(over: request.note.text, at: time, by: cosigner)
    let signatures = try log(of: checkpoint).map { log throws(Failure) in
      try Self.signatures(of: log, under: request.note)
    }
    let note = SignedNote(text: request.note.text, signatures: (signatures ?? []) + [cosignature])
    return Cosigned(checkpoint: checkpoint, note: note, time: time, line: cosignature.description)
  }

  /// Reads what was kept: a note that `cosign` made, perhaps with a key of this node before the present one. Fails with
  /// corrupt WITNESS_STATE_DAMAGED where it cannot have been written that way.
  package func restore(_ text: String) throws(Failure) -> Cosigned {
    do throws(Failure) {
      let note = try SignedNote(text)
      let checkpoint = try Checkpoint(note.text)
      guard let line = note.signatures.last, let cosignature = Cosignature(line.bytes) else {
        throw .malformed("COSIGNATURE_MISSING", field: "note", "its last line is no cosignature")
      }
      if line.claims(verifierKey), !cosignature.verifies(over: note.text, by: verifierKey.publicKey) {
        throw .malformed("COSIGNATURE_WRONG", field: "note", "the cosignature is not over this text")
      }
      return Cosigned(checkpoint: checkpoint, note: note, time: cosignature.time, line: line.description)
    } catch {
      throw Failure(.corrupt, "WITNESS_STATE_DAMAGED", error.message)
    }
  }

  private func log(of checkpoint: Checkpoint) -> Log? { logs[Array(checkpoint.origin.utf8)] }

  /// The log's signatures under a note, each verified; one that is wrong spoils the note.
  private static func signatures(of log: Log, under note: SignedNote) throws(Failure) -> [SignedNote.Signature] {
    var found: [SignedNote.Signature] = []
    for signature in note.signatures {
      guard let key = log.keys.first(where: signature.claims) else { continue }
      guard key.publicKey.verifies(signature: signature.bytes, over: Array(note.text.utf8)) else {
        throw Failure(.unauthenticated, "LOG_SIGNATURE_WRONG", "the signature of '\(key.name)' is not over this text")
      }
      if !found.contains(where: { $0.claims(key) }) { found.append(signature) }
    }
    return found
  }

  private static func verifyGrowth(_ request: WitnessRequest, after last: Cosigned?) throws(Failure) {
    guard let last = last?.checkpoint, last.size > 0 else {
      guard request.proof.isEmpty else {
        throw .malformed("PATH_LENGTH", field: "proof", "\(request.proof.count) hashes; from size 0 none is right")
      }
      return
    }
    try Proof.verifyConsistency(
      firstSize: last.size, secondSize: request.checkpoint.size, firstRoot: last.root,
      secondRoot: request.checkpoint.root, path: request.proof)
  }
}
