import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Queries
import Signing
import Store
import SwiftProtobuf
import Wire

/// A ledger on disk that its members govern by votes: each has one admin key at first, and m1 the only node.
final class Council {
  static let start = Instant(microseconds: 1_790_000_000_000_000)
  static let day: Int64 = 86_400_000_000

  let queries: Queries
  /// Ledger time of the next batch.
  var now: Instant
  private(set) var state: LedgerState
  /// The keys that were made, whether registered or not.
  private(set) var keys: [KeyID: PrivateKey] = [:]
  /// Each founding member's first admin key.
  let admins: [PrivateKey]
  private let store: Store
  private let index: PostingIndex
  private let views: PublishedView
  private let signer: CheckpointSigner
  private var builders: [KeyID: BatchBuilder] = [:]
  private let directory: URL
  private var count: UInt64 = 0

  init(members: Int, votes: UInt32 = 0) throws {
    let admins = try (0..<members).map { _ in try PrivateKey.generate(.ed25519) }
    let log = try PrivateKey.generate(.ed25519)
    self.admins = admins
    directory = FileManager.default.temporaryDirectory.appending(path: "cairn-council-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let terms = Cairn_V1_Genesis.with { genesis in
      genesis.name = "quay"
      genesis.members = (1...members).map { .named("m\($0)") }
      genesis.keys = admins.enumerated().map { .of($0.element, "m\($0.offset + 1)", [.admin]) }
      genesis.keys.append(.of(log, "m1", [.node]))
      genesis.thresholds.votes = votes
    }
    let batch = try Genesis.batch(
      terms, founder: admins[0], salt: Data(repeating: 7, count: 16), createdAt: Self.start)
    let (admitted, genesis) = try Admission.admitGenesis(batch)
    let (founded, first) = try LedgerState.found(admitted, genesis)
    state = founded
    now = Self.start
    signer = try CheckpointSigner(origin: Genesis.origin(name: "quay", ledgerID: founded.ledgerID), logKey: log)
    store = try Store(DataDirectory(directory.path), create: true)
    let checkpoint = try signer.sign(size: 1, root: founded.edge.root)
    try store.appendNow([first], checkpoint: checkpoint)
    index = try store.openIndex()
    views = PublishedView(LedgerView(founded, checkpoint: checkpoint))
    queries = Queries(
      store: store, index: index, views: views, signer: signer, seal: try PageSeal(log), version: "test",
      discretion: .zero
    ) { Self.start }
    for key in admins + [log] { add(key) }
    builders[admins[0].publicKey.id] = BatchBuilder(
      key: admins[0], ledgerID: founded.ledgerID,
      chain: AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest))
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var ledgerID: Digest { state.ledgerID }
  var logSize: UInt64 { state.edge.size }
  var policy: String { signer.policy }
  var consortium: Directory { state.directory }

  /// A new key that can sign.
  func makeKey() throws -> PrivateKey {
    let key = try PrivateKey.generate(.ed25519)
    add(key)
    return key
  }

  /// Records a batch and publishes it; gives its position. A refused batch leaves everything as it was.
  @discardableResult
  func record(_ records: [Data], by key: PrivateKey) throws -> UInt64 {
    guard var builder = builders[key.publicKey.id] else { preconditionFailure("a key that is not the council's") }
    let wire = try builder.batch(records, createdAt: now)
    let admitted = try Admission(ledgerID: state.ledgerID).admit(wire, directory: state.directory)
    guard case .appended(let applied) = try state.apply(admitted, at: now, isInLog: { _ in false }) else {
      preconditionFailure("the batch was there before")
    }
    builders[key.publicKey.id] = builder
    let checkpoint = try signer.sign(size: state.edge.size, root: state.edge.root)
    try store.appendNow([applied], checkpoint: checkpoint)
    try index.append(
      admitted.postings, entry: applied.entry, firstOrdinal: applied.firstOrdinal, recordCount: records.count)
    views.publish(LedgerView(state, checkpoint: checkpoint))
    now = now.later(by: 1)
    return applied.position
  }

  /// A batch of consortium records; gives the records' ids.
  @discardableResult
  func change(
    _ changes: Cairn_V1_ConsortiumRecord.OneOf_Change..., by key: PrivateKey
  ) throws -> [Digest] {
    let records = try changes.map { try consortiumRecord($0) }
    try record(records, by: key)
    return records.map { MerkleTree.leafHash($0) }
  }

  /// Proposes an action and lets the other founding members vote for it until it takes effect.
  @discardableResult
  func decide(_ action: Cairn_V1_Proposal.OneOf_Action) throws -> Digest {
    let id = try change(.propose(proposal(action)), by: admins[0])[0]
    for admin in admins.dropFirst() where consortium.proposals[id]?.effectivePosition == nil {
      try change(.vote(.on(id, .approve)), by: admin)
    }
    return id
  }

  func proposal(_ action: Cairn_V1_Proposal.OneOf_Action, days: Int64 = 30) -> Cairn_V1_Proposal {
    .with {
      $0.action = action
      $0.reason = "agreed"
      $0.expiresAtMicroseconds = now.microseconds + days * Self.day
    }
  }

  func consortiumRecord(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change) throws -> Data {
    try BatchBuilder.serialize(Cairn_V1_Record(change: change, salt: salt()))
  }

  /// A public event.
  func event() throws -> Data {
    var statement = Statement(about: Statement.items[0], .of(.public))
    statement.salt = UInt8(truncatingIfNeeded: count)
    count += 1
    return try statement.record(Int(count))
  }

  /// A checkpoint of the log as it is, signed by any key.
  func checkpoint(by key: PrivateKey) throws -> SignedCheckpoint {
    try CheckpointSigner(origin: signer.origin, logKey: key).sign(size: state.edge.size, root: state.edge.root)
  }

  private func add(_ key: PrivateKey) {
    keys[key.publicKey.id] = key
    builders[key.publicKey.id] = BatchBuilder(key: key, ledgerID: state.ledgerID)
  }

  private func salt() -> Data {
    count += 1
    return Data(repeating: 9, count: 8) + withUnsafeBytes(of: count.bigEndian) { Data($0) }
  }
}

extension Instant {
  func later(by microseconds: Int64) -> Instant { Instant(microseconds: self.microseconds + microseconds) }
}

extension Cairn_V1_Member {
  static func named(_ id: String) -> Cairn_V1_Member {
    .with {
      $0.id = id
      $0.legalName = "\(id) Ltd"
      $0.country = "CN"
      $0.roles = Cairn_V1_Role.allCases.filter { $0 != .unspecified }
    }
  }
}

extension Cairn_V1_RegisterKey {
  static func of(_ key: PrivateKey, _ member: String, _ roles: [Cairn_V1_Role]) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      $0.memberID = member
      $0.roles = roles
    }
  }
}

extension Cairn_V1_Vote {
  static func on(_ proposal: Digest, _ choice: Cairn_V1_Choice) -> Cairn_V1_Vote {
    .with {
      $0.proposalID = Data(proposal.bytes)
      $0.choice = choice
    }
  }
}
