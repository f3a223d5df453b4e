package import Checkpoints
package import Ledger
package import Primitives
package import Signing
package import Store

/// This node's part in a consortium, as its file and its keys say.
package struct ConsortiumSeat: Sendable {
  /// Whose node this is.
  package let member: MemberID
  /// The node's key, which signs marks and checkpoints.
  package let key: PrivateKey
  /// The same key as it appears in notes.
  package let cosigner: Cosigner
  /// What this node signed last; or why it does not cosign.
  package let promises: Result<LastSignedStore, Failure>
  /// Keys whose contradictions the operator has looked into.
  package let dismissed: Set<KeyID>
  /// Servers that hold the stream, and seconds after which they forget; 0 is never.
  package let replicas: Int
  package let maxAgeSeconds: Int64
  /// Fetches from the other members' nodes what the engine has forgotten; nil where none is known.
  package let fetch: LogFetch?

  /// A seat of these parts.
  package init(
    member: MemberID, key: PrivateKey, cosigner: Cosigner, promises: Result<LastSignedStore, Failure>,
    dismissed: Set<KeyID> = [], replicas: Int, maxAgeSeconds: Int64, fetch: LogFetch? = nil
  ) {
    self.member = member
    self.key = key
    self.cosigner = cosigner
    self.promises = promises
    self.dismissed = dismissed
    self.replicas = replicas
    self.maxAgeSeconds = maxAgeSeconds
    self.fetch = fetch
  }
}

/// Fetches from the other members' nodes what the engine has forgotten: when it returns, the store has a proven log and a place
/// in the stream from which to go on. Where it fails it is tried again, unless with preconditionFailed; the log may have unproven
/// entries then, which nobody looks at.
package typealias LogFetch = @Sendable (LogFetchTerms) async throws(Failure) -> Void

/// What a fetch needs of the order that waits for it.
package struct LogFetchTerms: Sendable {
  /// The epoch in which the node is, and no other.
  package let epoch: UInt64
  /// Signs the checkpoint over what was proven.
  package let sign: @Sendable (LedgerState) throws(Failure) -> SignedCheckpoint
  /// Has the open indexes forget what led to records that were erased.
  package let erase: @Sendable ([Posting]?) throws(Failure) -> Void
  /// Told how far it is, for people.
  package let progress: @Sendable (String) -> Void
}
