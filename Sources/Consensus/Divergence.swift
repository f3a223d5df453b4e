package import Primitives

/// Two histories of one ledger, one of them ours: why a node certifies nothing more until its operator has looked into it.
package struct Divergence: Hashable, Sendable {
  /// Who said the other thing, in what words.
  package enum Evidence: Hashable, Sendable {
    /// A member's node cosigned another log: the signed note, verbatim, with that cosignature only.
    case cosignature(note: String)
    /// A member's node has another log on its disk, as its mark says.
    case mark(VerifiedMark)
    /// This node itself cosigned another log than it has now: its key must not sign again.
    case promise
  }

  /// The log that was signed, where ours has another root.
  package let theirs: LogPoint
  /// Our root over as many entries.
  package let ours: Digest
  /// The member that signed; nil for this node's own promise.
  package let member: MemberID?
  /// The key that signed; nil for this node's own promise.
  package let key: KeyID?
  /// What was signed.
  package let evidence: Evidence
}
