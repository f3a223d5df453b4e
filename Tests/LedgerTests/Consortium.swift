import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// A small ledger in memory, driven as a node drives its own. Each member has one admin; the first one's node signs.
struct TestLedger {
  private(set) var state: LedgerState
  private(set) var applied: [AppliedBatch] = []
  /// The members' admins, in the order of the members.
  var admins: [BatchBuilder]
  let adminKeys: [PrivateKey]
  let logKey: PrivateKey
  let start = Instant(microseconds: 1_790_000_000_000_000)

  /// The first member's admin.
  var admin: BatchBuilder {
    get { admins[0] }
    set { admins[0] = newValue }
  }
  var adminKey: PrivateKey { adminKeys[0] }

  /// A ledger of members that decide with more than half of their votes.
  init(members: [String] = ["harbour"]) throws {
    let keys = try members.map { _ in try PrivateKey.generate(.ed25519) }
    logKey = try PrivateKey.generate(.ed25519)
    adminKeys = keys
    var genesis = Genesis.alone(
      name: "harbour", memberID: members[0], admin: keys[0].publicKey, logKey: logKey.publicKey)
    for (member, key) in zip(members, keys).dropFirst() {
      genesis.members.append(genesis.members[0])
      genesis.members[genesis.members.count - 1].id = member
      genesis.keys.append(Self.terms(of: key.publicKey, [.admin], member: member))
    }
    let batch = try Genesis.batch(genesis, founder: keys[0], salt: Self.salt, createdAt: start)
    let (admitted, terms) = try Admission.admitGenesis(batch)
    let (state, founding) = try LedgerState.found(admitted, terms)
    self.state = state
    applied = [founding]
    let founded = AuthorChain(nextSequence: 2, lastDigest: founding.batch.header.digest)
    admins = keys.enumerated().map { number, key in
      BatchBuilder(key: key, ledgerID: state.ledgerID, chain: number == 0 ? founded : AuthorChain())
    }
  }

  static let salt = Data(repeating: 7, count: 16)

  /// Admits and applies a batch as the next entry.
  @discardableResult
  mutating func submit(_ batch: Cairn_V1_Batch, at seconds: Int64 = 1) throws(Failure) -> LedgerState.Outcome {
    let admitted = try Admission(ledgerID: state.ledgerID).admit(batch, directory: state.directory)
    let time = Instant(microseconds: start.microseconds + seconds * 1_000_000)
    let outcome = try state.apply(admitted, at: time) { [applied] redaction in
      let place = redaction.place
      guard place.position < applied.count else { return false }
      let ids = applied[Int(place.position)].batch.recordIDs
      return ids.indices.contains(Int(place.index)) && ids[Int(place.index)] == redaction.recordID
    }
    if case .appended(let batch) = outcome { applied.append(batch) }
    return outcome
  }

  /// Submits one consortium record of a member's admin; gives its id.
  @discardableResult
  mutating func change(
    _ change: Cairn_V1_ConsortiumRecord.OneOf_Change, by member: Int = 0, at seconds: Int64 = 1
  ) throws -> Digest {
    var author = admins[member]
    let record = try BatchBuilder.serialize(Cairn_V1_Record(change: change, salt: Self.salt))
    try submit(try author.batch([record], createdAt: start), at: seconds)
    admins[member] = author
    return MerkleTree.leafHash(record)
  }

  /// Puts an action to the vote for a day; gives the proposal's id.
  @discardableResult
  mutating func propose(
    _ action: Cairn_V1_Proposal.OneOf_Action, because reason: String = "agreed by telephone", by member: Int = 0,
    at seconds: Int64 = 1
  ) throws -> Digest {
    let proposal = Cairn_V1_Proposal.with {
      $0.action = action
      $0.reason = reason
      $0.expiresAtMicroseconds = start.microseconds + 86_400_000_000
    }
    return try change(.propose(proposal), by: member, at: seconds)
  }

  /// A member's vote for a proposal.
  mutating func approve(_ proposal: Digest, by member: Int, at seconds: Int64 = 1) throws {
    let vote = Cairn_V1_Vote.with {
      $0.proposalID = Data(proposal.bytes)
      $0.choice = .approve
    }
    try change(.vote(vote), by: member, at: seconds)
  }

  /// Registers a fresh key of the first member and gives its author.
  mutating func register(
    _ role: Cairn_V1_Role = .device, suite: Suite = .ed25519, notAfter: Int64 = 0
  ) throws -> BatchBuilder {
    let key = try PrivateKey.generate(suite)
    try change(.registerKey(Self.terms(of: key.publicKey, [role], notAfter: notAfter)))
    return BatchBuilder(key: key, ledgerID: state.ledgerID)
  }

  /// The terms under which a key is registered.
  static func terms(
    of key: PublicKey, _ roles: [Cairn_V1_Role], member: String = "harbour", notAfter: Int64 = 0
  ) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.subjectPublicKeyInfo)
      $0.memberID = member
      $0.roles = roles
      $0.notAfterMicroseconds = notAfter
    }
  }

  /// A record that registers a key of the first member.
  static func registration(of key: PublicKey, _ role: Cairn_V1_Role) throws -> Data {
    try BatchBuilder.serialize(Cairn_V1_Record(change: .registerKey(terms(of: key, [role])), salt: salt))
  }

  /// A valid record about the bottle of that serial number.
  static func sighting(_ serial: Int, item: String? = nil) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = 1_780_000_000_000_000 + Int64(serial)
      $0.epcList.items = [item ?? "https://id.gs1.org/01/09521321000018/21/B\(serial)"]
      $0.bizStep = "shipping"
      $0.readPoint.id = "https://id.gs1.org/414/9521321000001"
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }
}
