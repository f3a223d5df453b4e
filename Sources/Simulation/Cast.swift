import Checkpoints
import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// Who takes part in a run and everything they will ever submit, signed beforehand and the same in every process: a ledger
/// of some founding members, one that may join, their nodes' keys, and each author's chain of batches.
package struct Cast: Sendable {
  /// What a member's people may submit: an author's batches, in the order of its chain.
  struct Chain: Sendable { let batches: [AdmittedBatch] }

  /// Founders and, last, the one that may join.
  let members: [MemberID]
  /// Each member's node keys: the first, and the one that may replace it.
  let nodeKeys: [[PrivateKey]]
  let genesis: LedgerState
  let origin: String
  /// A signature line that nobody looks at: cosignatures count as checked here.
  let line: SignedNote.Signature
  /// Devices first, then the members' admins.
  let chains: [Chain]
  /// How many of the chains are devices' chains.
  let deviceCount: Int
  /// The steps of governance in the order in which they make sense: an author's chain and its place in it.
  let script: [(chain: Int, index: Int)]

  static let start = Instant(microseconds: 1_790_000_000_000_000)
  private static let salt = Data(repeating: 7, count: 16)

  /// A cast of so many founding members, each of whose devices submits so many batches.
  package init(founders: Int, batchesEach: Int = 6) throws {
    let names = (0..<founders).map { "m\($0)" } + ["newcomer"]
    members = names.compactMap { MemberID($0) }
    nodeKeys = try names.indices.map { try [Self.key(1, $0), Self.key(2, $0)] }
    let admins = try names.indices.map { try Self.key(3, $0) }
    let devices = try (0..<founders).map { try Self.key(4, $0) }
    let batch = try Genesis.batch(
      Self.terms(names, founders, admins, devices, nodeKeys), founder: admins[0], salt: Self.salt,
      createdAt: Self.start)
    let (admitted, terms) = try Admission.admitGenesis(batch)
    let (founded, founding) = try LedgerState.found(admitted, terms)
    genesis = founded
    origin = Genesis.origin(name: founded.directory.name, ledgerID: founded.ledgerID)
    line = SignedNote.Signature(
      by: try VerifierKey(name: "simulated", kind: .cosignature, publicKey: nodeKeys[0][0].publicKey), bytes: [])
    let headChain = AuthorChain(nextSequence: 2, lastDigest: founding.batch.header.digest)
    var rehearsal = Rehearsal(
      state: founded,
      authors: admins.enumerated().map {
        BatchBuilder(key: $1, ledgerID: founded.ledgerID, chain: $0 == 0 ? headChain : AuthorChain())
      })
    try rehearsal.play(names, founders: founders, admins: admins, nodeKeys: nodeKeys)
    var chains: [Chain] = []
    for (number, key) in devices.enumerated() {
      var author = BatchBuilder(key: key, ledgerID: founded.ledgerID)
      let batches = try (0..<batchesEach).map { index in
        try author.batch([Self.sighting(number * 1_000 + index)], createdAt: Self.start)
      }
      chains.append(try Self.chain(batches, in: rehearsal.state))
    }
    deviceCount = chains.count
    for batches in rehearsal.batches { chains.append(try Self.chain(batches, in: rehearsal.state)) }
    self.chains = chains
    script = rehearsal.script.map { (founders + $0.author, $0.index) }
  }

  private static func chain(_ batches: [Cairn_V1_Batch], in state: LedgerState) throws -> Chain {
    let admission = Admission(ledgerID: state.ledgerID)
    return Chain(batches: try batches.map { try admission.admit($0, directory: state.directory) })
  }

  private static func terms(
    _ names: [String], _ founders: Int, _ admins: [PrivateKey], _ devices: [PrivateKey], _ nodes: [[PrivateKey]]
  ) -> Cairn_V1_Genesis {
    var genesis = Genesis.alone(
      name: "harbour", memberID: names[0], admin: admins[0].publicKey, logKey: nodes[0][0].publicKey)
    let template = genesis.members[0]
    for index in 1..<founders {
      var member = template
      member.id = names[index]
      member.legalName = names[index]
      genesis.members.append(member)
      genesis.keys.append(registration(admins[index], .admin, names[index]))
      genesis.keys.append(registration(nodes[index][0], .node, names[index]))
    }
    for (index, device) in devices.enumerated() {
      genesis.keys.append(registration(device, .device, names[index]))
    }
    return genesis
  }

  static func registration(_ key: PrivateKey, _ role: Cairn_V1_Role, _ member: String) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      $0.memberID = member
      $0.roles = [role]
    }
  }

  private static func sighting(_ serial: Int) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = start.microseconds + Int64(serial)
      $0.epcList.items = ["https://id.gs1.org/01/09521321000018/21/B\(serial)"]
      $0.bizStep = "shipping"
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }

  /// An Ed25519 key that is no secret: PKCS#8 around 32 bytes that follow from its purpose and number.
  private static func key(_ purpose: UInt8, _ number: Int) throws -> PrivateKey {
    let prefix: [UInt8] = [
      0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    let seed = SHA256.hash(Array("cairn simulation \(purpose) \(number)".utf8)).bytes
    let text = Data(prefix + seed).base64EncodedString()
    return try PrivateKey(pem: "-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n", passphrase: nil)
  }
}

/// Plays the changes of membership once, to sign what its steps have to say.
private struct Rehearsal {
  var state: LedgerState
  var authors: [BatchBuilder]
  var batches: [[Cairn_V1_Batch]]
  var script: [(author: Int, index: Int)] = []

  init(state: LedgerState, authors: [BatchBuilder]) {
    self.state = state
    self.authors = authors
    batches = Array(repeating: [], count: authors.count)
  }

  /// A member joins, another's node key is replaced, a founder leaves.
  mutating func play(_ names: [String], founders: Int, admins: [PrivateKey], nodeKeys: [[PrivateKey]]) throws {
    try decide(
      .addMember(
        .with {
          $0.member = .with {
            $0.id = names[founders]
            $0.legalName = names[founders]
            $0.country = "ZZ"
            $0.roles = [.admin, .node, .device]
          }
          $0.keys = [
            Cast.registration(admins[founders], .admin, names[founders]),
            Cast.registration(nodeKeys[founders][0], .node, names[founders]),
          ]
        }), by: 0)
    try decide(
      .rotateKey(
        .with {
          $0.keyID = Data(nodeKeys[1][0].publicKey.id.digest.bytes)
          $0.publicKey = Data(nodeKeys[1][1].publicKey.subjectPublicKeyInfo)
          $0.overlapUntilMicroseconds = Cast.start.microseconds + 1_000_000
        }), by: 2)
    try decide(.removeMember(.with { $0.memberID = names[founders - 1] }), by: 1)
  }

  private mutating func decide(_ action: Cairn_V1_Proposal.OneOf_Action, by author: Int) throws {
    let proposal = Cairn_V1_Proposal.with {
      $0.action = action
      $0.reason = "agreed"
      $0.expiresAtMicroseconds = Cast.start.microseconds + 86_400_000_000
    }
    let id = try submit(.propose(proposal), by: author)
    for voter in authors.indices where voter != author && state.directory.proposals[id]?.outcome == nil {
      let vote = Cairn_V1_Vote.with {
        $0.proposalID = Data(id.bytes)
        $0.choice = .approve
      }
      _ = try submit(.vote(vote), by: voter)
    }
  }

  private mutating func submit(_ change: Cairn_V1_ConsortiumRecord.OneOf_Change, by author: Int) throws -> Digest {
    let record = try BatchBuilder.serialize(Cairn_V1_Record(change: change, salt: Data(repeating: 7, count: 16)))
    let batch = try authors[author].batch([record], createdAt: Cast.start)
    let admitted = try Admission(ledgerID: state.ledgerID).admit(batch, directory: state.directory)
    _ = try state.apply(admitted, at: Cast.start) { _ in false }
    script.append((author, batches[author].count))
    batches[author].append(batch)
    return MerkleTree.leafHash(record)
  }
}
