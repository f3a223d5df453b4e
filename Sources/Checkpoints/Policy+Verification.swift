package import Primitives
import Signing

extension Policy {
  /// Parses a signed checkpoint and checks its signatures against this policy.
  ///
  /// The failure's reason names the step: NOTE_TOO_LONG, TOO_MANY_SIGNATURES, MALFORMED_NOTE, MALFORMED_CHECKPOINT,
  /// LOG_SIGNATURE_WRONG, COSIGNATURE_WRONG, LOG_SIGNATURE_MISSING, ORIGIN_MISMATCH or QUORUM_NOT_MET.
  package func verify(_ note: String) throws(Failure) -> VerifiedCheckpoint {
    try verify(try SignedNote(note))
  }

  /// Checks the signatures of a checkpoint against this policy; see `verify(_:)` of its text.
  package func verify(_ note: SignedNote) throws(Failure) -> VerifiedCheckpoint {
    let checkpoint = try Checkpoint(note.text)
    let signers = try logSigners(of: note)
    guard !signers.isEmpty else {
      throw Failure(
        .unauthenticated, "LOG_SIGNATURE_MISSING",
        "no log of the policy signed this checkpoint of '\(checkpoint.origin)'",
        metadata: ["origin": checkpoint.origin])
    }
    guard let log = signers.first(where: { $0.name.utf8.elementsEqual(checkpoint.origin.utf8) }) else {
      throw Failure(
        .unauthenticated, "ORIGIN_MISMATCH", "signed by '\(signers[0].name)', but of the log '\(checkpoint.origin)'",
        metadata: ["origin": checkpoint.origin, "log": signers[0].name])
    }
    let cosigners = try cosigners(of: note)
    try checkQuorum(cosigners.map(\.witness.name))
    return VerifiedCheckpoint(checkpoint: checkpoint, log: log, cosigners: cosigners, note: note)
  }

  /// The logs of the policy that signed; one wrong signature of a known log spoils the note.
  private func logSigners(of note: SignedNote) throws(Failure) -> [VerifierKey] {
    var signers: [VerifierKey] = []
    for signature in note.signatures {
      guard let log = logs.first(where: signature.claims) else { continue }
      guard log.publicKey.verifies(signature: signature.bytes, over: Array(note.text.utf8)) else {
        throw Failure(
          .unauthenticated, "LOG_SIGNATURE_WRONG", "the signature of log '\(log.name)' is not over this text",
          metadata: ["log": log.name])
      }
      signers.append(log)
    }
    return signers
  }

  /// The witnesses of the policy that cosigned, each once; one wrong cosignature of a known witness spoils the note.
  private func cosigners(of note: SignedNote) throws(Failure) -> [VerifiedCheckpoint.Cosigner] {
    var cosigners: [VerifiedCheckpoint.Cosigner] = []
    for signature in note.signatures {
      guard let witness = witnesses.first(where: { signature.claims($0.key) }) else { continue }
      guard let cosignature = Cosignature(signature.bytes),
        cosignature.verifies(over: note.text, by: witness.key.publicKey)
      else {
        throw Failure(
          .unauthenticated, "COSIGNATURE_WRONG", "the cosignature of witness '\(witness.name)' is not over this text",
          metadata: ["witness": witness.name])
      }
      guard !cosigners.contains(where: { $0.witness == witness }) else { continue }
      cosigners.append(VerifiedCheckpoint.Cosigner(witness: witness, time: cosignature.time))
    }
    return cosigners
  }

  private func checkQuorum(_ cosigners: [String]) throws(Failure) {
    guard let quorum else { return }
    var satisfied = Set(cosigners.map { Array($0.utf8) })
    for group in groups where count(group, satisfied) >= group.threshold { satisfied.insert(Array(group.name.utf8)) }
    guard !satisfied.contains(Array(quorum.utf8)) else { return }
    let group = groups.first { $0.name.utf8.elementsEqual(quorum.utf8) }
    let (present, needed) = (group.map { count($0, satisfied) } ?? 0, group?.threshold ?? 1)
    throw Failure(
      .unauthenticated, "QUORUM_NOT_MET", "'\(quorum)' has \(present) of the \(needed) cosignatures it needs",
      metadata: ["quorum": quorum, "present": "\(present)", "needed": "\(needed)"])
  }

  private func count(_ group: Group, _ satisfied: Set<[UInt8]>) -> Int {
    group.members.count { satisfied.contains(Array($0.utf8)) }
  }
}

/// A checkpoint that a policy trusts, and why.
package struct VerifiedCheckpoint: Hashable, Sendable {
  /// A witness of the policy that cosigned.
  package struct Cosigner: Hashable, Sendable {
    /// The witness as the policy lists it.
    package let witness: Policy.Witness
    /// When it cosigned, by its own clock.
    package let time: Instant
  }

  /// The log's origin, size and root.
  package let checkpoint: Checkpoint
  /// The log's key; its name is the origin.
  package let log: VerifierKey
  /// The witnesses that cosigned, in the note's order.
  package let cosigners: [Cosigner]
  /// The note as it was given.
  package let note: SignedNote
}
