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

/// Who asks, or signs.
enum Party: String, CaseIterable {
  case anyone, acmeAdmin, acmeNode, acmeOperator, acmeDevice, zuluOperator, zuluDevice, kiloPartner, auditor, regulator

  /// The member the party's key belongs to.
  var member: String {
    switch self {
    case .anyone: ""
    case .acmeAdmin, .acmeNode, .acmeOperator, .acmeDevice: "acme"
    case .zuluOperator, .zuluDevice: "zulu"
    case .kiloPartner: "kilo"
    case .auditor, .regulator: "port"
    }
  }

  var role: Cairn_V1_Role {
    switch self {
    case .anyone: .unspecified
    case .acmeAdmin: .admin
    case .acmeNode: .node
    case .acmeOperator, .zuluOperator: .operator
    case .acmeDevice, .zuluDevice: .device
    case .kiloPartner: .partner
    case .auditor: .auditor
    case .regulator: .regulator
    }
  }

  /// Parties that record events.
  static let authors = [acmeOperator, acmeDevice, zuluOperator, zuluDevice]
}

/// The keys of all parties; several ledgers may be made with the same.
struct Keyring {
  let keys: [Party: PrivateKey]

  init() throws {
    keys = try Dictionary(
      uniqueKeysWithValues: Party.allCases.filter { $0 != .anyone }.map { ($0, try PrivateKey.generate(.ed25519)) })
  }

  subscript(party: Party) -> PrivateKey {
    guard let key = keys[party] else { preconditionFailure("\(party) has no key") }
    return key
  }
}

/// A ledger on disk with members acme, zulu, kilo and port, of whom acme decides alone; and the questions it answers.
final class Exchange {
  static let start = Instant(microseconds: 1_790_000_000_000_000)

  let keys: Keyring
  let queries: Queries
  let subscriptions: Subscriptions
  private let store: Store
  private let index: PostingIndex
  private let views: PublishedView
  private let signer: CheckpointSigner
  private var state: LedgerState
  private var builders: [Party: BatchBuilder] = [:]
  private let directory: URL
  private let recent = RecentBatches()

  init(keys given: Keyring? = nil) throws {
    let keys = try given ?? Keyring()
    self.keys = keys
    directory = FileManager.default.temporaryDirectory.appending(path: "cairn-queries-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let batch = try Genesis.batch(
      Self.genesis(keys), founder: keys[.acmeAdmin], salt: Data(repeating: 7, count: 16), createdAt: Self.start)
    let (admitted, terms) = try Admission.admitGenesis(batch)
    let (founded, first) = try LedgerState.found(admitted, terms)
    state = founded
    signer = try CheckpointSigner(
      origin: Genesis.origin(name: "quay", ledgerID: founded.ledgerID), logKey: keys[.acmeNode])
    store = try Store(DataDirectory(directory.path), create: true)
    let checkpoint = try signer.sign(size: 1, root: founded.edge.root)
    try store.appendNow([first], checkpoint: checkpoint)
    index = try store.openIndex()
    views = PublishedView(LedgerView(founded, checkpoint: checkpoint))
    queries = Queries(
      store: store, index: index, views: views, signer: signer, seal: try PageSeal(keys[.acmeNode]), version: "test",
      discretion: .zero
    ) { Self.start }
    subscriptions = Subscriptions(
      queries: queries, store: try SubscriptionStore(DataDirectory(directory.path), ledger: founded.ledgerID) { _ in },
      recent: recent)
    for (party, key) in keys.keys { builders[party] = BatchBuilder(key: key, ledgerID: founded.ledgerID) }
    builders[.acmeAdmin] = BatchBuilder(
      key: keys[.acmeAdmin], ledgerID: founded.ledgerID,
      chain: AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest))
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// The subscriptions as a node that starts now finds them, whatever this one still has in memory.
  func subscriptionsAfterCrash() throws -> Subscriptions {
    Subscriptions(
      queries: queries, store: try SubscriptionStore(DataDirectory(directory.path), ledger: state.ledgerID) { _ in },
      recent: RecentBatches())
  }

  var logSize: UInt64 { state.edge.size }
  var ledgerID: Digest { state.ledgerID }

  func caller(_ party: Party) -> Caller {
    guard party != .anyone, let key = state.directory.keys[keys[party].publicKey.id] else { return .anyone }
    return .key(key)
  }

  /// Records a batch and publishes it; gives its position.
  @discardableResult
  func record(_ records: [Data], by party: Party, onError: Cairn_V1_OnError = .skipRecord) throws -> UInt64 {
    guard var builder = builders[party] else { preconditionFailure("\(party) signs nothing") }
    let wire = try builder.batch(records, createdAt: Self.start, onError: onError)
    builders[party] = builder
    let admitted = try Admission(ledgerID: state.ledgerID).admit(wire, directory: state.directory)
    let time = Instant(microseconds: state.lastLedgerTime.microseconds + 1)
    guard case .appended(let applied) = try state.apply(admitted, at: time, isInLog: { _ in true }) else {
      preconditionFailure("the batch was there before")
    }
    let checkpoint = try signer.sign(size: state.edge.size, root: state.edge.root)
    try store.appendNow([applied], checkpoint: checkpoint)
    try index.append(
      admitted.postings, entry: applied.entry, firstOrdinal: applied.firstOrdinal, recordCount: records.count)
    recent.add([applied])
    views.publish(LedgerView(state, checkpoint: checkpoint))
    return applied.position
  }

  /// A change that acme's admin makes.
  @discardableResult
  func change(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change) throws -> UInt64 {
    let record = Cairn_V1_Record(change: change, salt: Data(repeating: 8, count: 16))
    return try self.record([try BatchBuilder.serialize(record)], by: .acmeAdmin, onError: .rejectBatch)
  }

  /// A change that acme proposes and so decides.
  @discardableResult
  func decide(_ action: Cairn_V1_Proposal.OneOf_Action) throws -> UInt64 {
    try change(
      .propose(
        .with {
          $0.action = action
          $0.reason = "agreed"
          $0.expiresAtMicroseconds = Self.start.microseconds + 3_600_000_000
        }))
  }

  private static func genesis(_ keys: Keyring) -> Cairn_V1_Genesis {
    .with { genesis in
      genesis.name = "quay"
      genesis.members = ["acme", "zulu", "kilo", "port"].map { id in
        .with {
          $0.id = id
          $0.legalName = id
          $0.country = "CN"
          $0.roles = Cairn_V1_Role.allCases.filter { $0 != .unspecified }
        }
      }
      genesis.keys = Party.allCases.filter { $0 != .anyone }.map { party in
        .with {
          $0.publicKey = Data(keys[party].publicKey.subjectPublicKeyInfo)
          $0.memberID = party.member
          $0.roles = [party.role]
        }
      }
    }
  }
}
