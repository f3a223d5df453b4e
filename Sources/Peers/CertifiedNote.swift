package import Checkpoints
package import Consortium
import Ledger
package import Primitives
import Signing

/// A checkpoint and the signatures that are to make it final; read, not verified.
package struct CertifiedNote: Sendable {
  /// What was signed.
  package let checkpoint: Checkpoint
  /// The note, with all its signatures.
  package let note: SignedNote

  /// Reads a note; fails with MALFORMED_NOTE, MALFORMED_CHECKPOINT and what else `SignedNote` says.
  package init(_ text: String) throws(Failure) {
    note = try SignedNote(text)
    checkpoint = try Checkpoint(note.text)
  }

  /// The members that vouch for it, if they are a quorum at that ledger time under that directory.
  ///
  /// Where one member is a quorum its node's signature as the log is enough; otherwise cosignatures count and nothing else:
  /// only of these does a node keep account, so that it never makes two that contradict each other. Fails with
  /// ORIGIN_MISMATCH, SIGNATURE_WRONG or QUORUM_NOT_MET.
  package func verify(
    by directory: Directory, ledgerID: Digest, at time: Instant
  ) throws(Failure) -> Set<MemberID> {
    let origin = Genesis.origin(name: directory.name, ledgerID: ledgerID)
    guard checkpoint.origin == origin else {
      throw Failure(
        .unauthenticated, "ORIGIN_MISMATCH", "the checkpoint is of the log '\(checkpoint.origin)', not of '\(origin)'")
    }
    let quorum = directory.quorum(at: time)
    var members: Set<MemberID> = []
    for key in directory.nodeKeys(at: time) where key.publicKey.suite == .ed25519 {
      let cosigner = try VerifierKey(name: "\(origin)/\(key.memberID)", kind: .cosignature, publicKey: key.publicKey)
      let log = try VerifierKey(name: origin, kind: .note, publicKey: key.publicKey)
      for signature in note.signatures {
        if signature.claims(cosigner) {
          try require(
            Cosignature(signature.bytes)?.verifies(over: note.text, by: key.publicKey) ?? false, key.memberID)
          members.insert(key.memberID)
        } else if quorum == 1, signature.claims(log) {
          try require(key.publicKey.verifies(signature: signature.bytes, over: Array(note.text.utf8)), key.memberID)
          members.insert(key.memberID)
        }
      }
    }
    guard members.count >= quorum else {
      throw Failure(
        .unauthenticated, "QUORUM_NOT_MET",
        "the checkpoint of \(checkpoint.size) entries has the signatures of \(members.count) members; \(quorum) make it final",
        metadata: ["present": "\(members.count)", "needed": "\(quorum)"])
    }
    return members
  }

  private func require(_ isRight: Bool, _ member: MemberID) throws(Failure) {
    guard isRight else {
      throw Failure(
        .unauthenticated, "SIGNATURE_WRONG", "a signature in the name of \(member) is not over this checkpoint")
    }
  }
}
