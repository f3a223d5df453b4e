import Checkpoints
import EPCIS
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// A ledger of two members, one record a batch: genesis, a proposal and a vote for acme's second admin, a device that she
/// enrols, one event; and evidence of the event. With `since`, she revokes the device's key afterwards.
struct SmallLedger {
  static let made = Instant(microseconds: 1_772_350_000_000_000)

  let founder: PrivateKey
  let admin: PrivateKey
  let device: PrivateKey
  let policy: Policy
  let ledgerID: Digest
  private(set) var evidence = Cairn_V1_Evidence()
  private var batches: [(batch: Cairn_V1_Batch, key: PublicKey)] = []
  private var builders: [KeyID: BatchBuilder] = [:]

  init(compromisedSince since: Instant? = nil) throws {
    let keys = try (0..<4).map { _ in try PrivateKey.generate(.ed25519) }
    let (other, log) = (keys[2], keys[3])
    (founder, admin) = (keys[0], keys[1])
    device = try PrivateKey.generate(.ecdsaP256)
    let terms = Cairn_V1_Genesis.with {
      $0.name = "harbour"
      $0.members = [.named("harbour"), .named("acme")]
      $0.keys = [
        .of(keys[0], "harbour", .admin, "founding admin"), .of(keys[2], "acme", .admin, "first admin"),
        .of(keys[3], "harbour", .node, ""),
      ]
    }
    let genesis = try Genesis.batch(terms, founder: founder, salt: Self.salt, createdAt: Self.made)
    ledgerID = SHA256.hash(genesis.header)
    let signer = try NoteSigner(name: Genesis.origin(name: "harbour", ledgerID: ledgerID), key: log)
    policy = try Policy(logs: [signer.verifierKey])
    batches = [(genesis, founder.publicKey)]
    builders[founder.publicKey.id] = BatchBuilder(
      key: founder, ledgerID: ledgerID,
      chain: AuthorChain(nextSequence: 2, lastDigest: SHA256.hash(genesis.header)))

    let proposal = try Self.record(
      .propose(
        .with {
          $0.registerKey = .of(keys[1], "acme", .admin, "second admin")
          $0.expiresAtMicroseconds = Self.made.microseconds + 1_000_000
        }))
    try append(proposal, by: founder)
    let vote = Cairn_V1_Vote.with {
      $0.proposalID = Data(MerkleTree.leafHash(proposal).bytes)
      $0.choice = .approve
    }
    try append(try Self.record(.vote(vote)), by: other)
    try append(try Self.record(.registerKey(.of(device, "acme", .device, "dock \u{1B}4"))), by: admin)
    try append(try Self.event(), by: device)
    if let since {
      let revocation = Cairn_V1_RevokeKey.with {
        $0.keyID = Data(device.publicKey.id.digest.bytes)
        $0.compromisedSinceMicroseconds = since.microseconds
      }
      try append(try Self.record(.revokeKey(revocation)), by: admin)
    }
    try prove([4] + (since == nil ? [] : [5]) + [3, 2, 1, 0], signer)
  }

  private mutating func append(_ record: Data, by key: PrivateKey) throws {
    var builder = builders[key.publicKey.id] ?? BatchBuilder(key: key, ledgerID: ledgerID)
    batches.append((try builder.batch([record], createdAt: Self.made, clockQuality: .gnss), key.publicKey))
    builders[key.publicKey.id] = builder
  }

  private mutating func prove(_ positions: [Int], _ signer: NoteSigner) throws {
    let entries = try batches.map { batch, _ in
      LogEntry(
        ledgerTime: Self.made, suite: try #require(Suite(batch.signature.suite)), signature: batch.signature.value,
        header: batch.header
      ).encoded
    }
    let leaves = entries.map { MerkleTree.leafHash($0) }
    let checkpoint = try Checkpoint(
      origin: signer.verifierKey.name, size: UInt64(leaves.count), root: MerkleTree.root(leaves))
    evidence.version = 1
    evidence.ledgerID = Data(ledgerID.bytes)
    evidence.checkpoint = "\(try signer.sign(checkpoint))"
    evidence.proofs = try positions.map { position in
      let path = try MerkleTree.path(index: position, leaves: leaves)
      return .with {
        $0.record = batches[position].batch.records[0]
        $0.entry = entries[position]
        $0.position = UInt64(position)
        $0.logPath = path.map { Data($0.bytes) }
        $0.authorPublicKey = Data(batches[position].key.subjectPublicKeyInfo)
      }
    }
  }

  private static let salt = Data(repeating: 7, count: 16)

  private static func record(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change) throws -> Data {
    try BatchBuilder.serialize(Cairn_V1_Record(change: change, salt: salt))
  }

  private static func event() throws -> Data {
    let text =
      #"{"type": "ObjectEvent", "eventTime": "2026-03-01T09:30:00+02:00", "eventTimeZoneOffset": "+02:00", "#
      + #""action": "OBSERVE", "bizStep": "shipping", "epcList": ["urn:epc:id:sgtin:0614141.107346.1"]}"#
    let event = try EPCISReader.open(Array(text.utf8)).event(at: 0).event
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }
}

extension Cairn_V1_Member {
  fileprivate static func named(_ id: String) -> Cairn_V1_Member {
    .with {
      $0.id = id
      $0.legalName = id
      $0.country = "CN"
      $0.roles = [.device, .admin, .node]
    }
  }
}

extension Cairn_V1_RegisterKey {
  fileprivate static func of(
    _ key: PrivateKey, _ member: String, _ role: Cairn_V1_Role, _ label: String
  ) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      $0.memberID = member
      $0.roles = [role]
      $0.label = label
    }
  }
}
