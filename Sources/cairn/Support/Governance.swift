import Capture
import Client
import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Outbox
import Primitives
import Signing
import SwiftProtobuf
import Synchronization
import Wire

/// An admin at work: signs changes to the consortium and records them.
struct Governance {
  /// Few enough that a batch of changes stays far below 4 MiB, and that a refusal concerns few.
  private static let batchSize = 1_000

  /// The member that the admin acts for.
  let memberID: String
  let connection: LedgerConnection
  private let courier: Courier

  /// Opens the admin's outbox; fails with UNKNOWN_KEY where the ledger does not know the key.
  init(_ connection: LedgerConnection, key: PrivateKey) async throws(Failure) {
    self.connection = connection
    memberID = try await connection.author(key.publicKey.id).memberID
    courier = try await Author.courier(connection, key: key)
  }

  /// Whether a key with these roles is for its own member's admin alone; otherwise the members vote.
  func decidesAlone(on member: String, _ roles: [Cairn_V1_Role]) -> Bool {
    member == memberID && !roles.contains(.admin) && !roles.contains(.node)
  }

  /// Records one change.
  func record(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change) async throws(Failure) -> RecordedChange {
    let bytes = try Self.serialized(change)
    let receipt = try await Author.deliver(bytes, courier)
    return RecordedChange(id: MerkleTree.leafHash(bytes), position: receipt.position, proposal: nil)
  }

  /// Puts an action to the vote and says how it stands then.
  func propose(_ proposal: Cairn_V1_Proposal) async throws(Failure) -> RecordedChange {
    var recorded = try await record(.propose(proposal))
    recorded.proposal = try await connection.proposal(recorded.id)
    return recorded
  }

  /// Records many changes, 1,000 or what the ledger takes in a batch. `onReceipt` is told how many went with each batch.
  func record(
    _ changes: [Cairn_V1_ConsortiumRecord.OneOf_Change], onReceipt: @escaping @Sendable (Int) -> Void
  ) async throws(Failure) {
    let records = try changes.map { change throws(Failure) in try Self.serialized(change) }
    let size = min(Self.batchSize, max(1, Int(courier.ledger.maxRecordsPerBatch)))
    let rest = Mutex(records[...])
    try await courier.deliver {
      rest.withLock { rest in
        defer { rest = rest.dropFirst(size) }
        return rest.isEmpty ? nil : BatchDraft(records: Array(rest.prefix(size)), createdAt: .now)
      }
    } onReceipt: {
      onReceipt(Int($0.recordCount))
    }
  }

  /// Sends what an interrupted run has left; until then the ledger does not know all that was meant for it.
  func finishBacklog() async throws(Failure) {
    guard try courier.outbox.backlog().batches > 0 else { return }
    try await courier.deliver({ nil }, onReceipt: { _ in })
  }

  /// A record of its own around a change that the rules can read.
  private static func serialized(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change) throws(Failure) -> Data {
    let wire = Cairn_V1_Record(change: change, salt: Salt.fresh())
    _ = try ConsortiumChange(wire.consortium)
    return try BatchBuilder.serialize(wire)
  }
}
