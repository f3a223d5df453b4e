package import Engine
package import Primitives
import Store

/// What a ledger's stream and subjects are called in the engine, in one epoch.
package struct StreamNames: Hashable, Sendable {
  /// `CAIRN_<16 hex>_<epoch>`.
  package let stream: String
  private let ledger: String
  private let epoch: UInt64

  /// The names of a ledger in that epoch, from 1.
  package init(ledgerID: Digest, epoch: UInt64) {
    ledger = String(ledgerID.description.prefix(16))
    self.epoch = epoch
    stream = EnginePlace.stream(of: ledgerID, epoch: epoch)
  }

  /// Where a member's node puts batches.
  package func batches(of member: MemberID) -> String {
    "cairn.\(ledger).\(epoch).batch.\(EngineSubject.token(member))"
  }

  /// Where it puts its marks.
  package func marks(of member: MemberID) -> String { "cairn.\(ledger).\(epoch).mark.\(EngineSubject.token(member))" }

  /// Where it tells its cosignatures, which are in no stream.
  package func cosignatures(of member: MemberID) -> String { "cairn.\(ledger).cosign.\(EngineSubject.token(member))" }

  /// Where all members tell them.
  package var allCosignatures: String { "cairn.\(ledger).cosign.*" }

  /// The stream as the consortium has it.
  package func terms(replicas: Int, maxAgeSeconds: Int64) -> StreamTerms {
    StreamTerms(
      name: stream, subjects: ["cairn.\(ledger).\(epoch).batch.*", "cairn.\(ledger).\(epoch).mark.*"],
      replicas: replicas, maxAgeSeconds: maxAgeSeconds)
  }
}
