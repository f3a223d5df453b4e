import Checkpoints
import Consensus
import Consortium
import FoundationEssentials
import Ledger
import Primitives
import Signing
import Wire

/// A founded ledger of members that each have one admin and one node, and its log as so many roots.
struct SmallConsortium {
  let ledger: LedgerState
  let nodes: [PrivateKey]
  let names: [MemberID]
  let origin: String
  static let start = Instant(microseconds: 1_790_000_000_000_000)

  /// A ledger of so many members; `twoKeys` of the first have two node keys.
  init(members count: Int = 4, twoKeys: Int = 0) throws {
    let admin = try PrivateKey.generate(.ed25519)
    var nodes = try (0..<count).map { _ in try PrivateKey.generate(.ed25519) }
    var genesis = Genesis.alone(name: "harbour", memberID: "m0", admin: admin.publicKey, logKey: nodes[0].publicKey)
    let template = genesis.members[0]
    func terms(_ key: PrivateKey, _ member: String) -> Cairn_V1_RegisterKey {
      var terms = Cairn_V1_RegisterKey()
      terms.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      terms.memberID = member
      terms.roles = [.node]
      return terms
    }
    for index in 1..<max(count, 1) {
      var member = template
      member.id = "m\(index)"
      genesis.members.append(member)
      genesis.keys.append(terms(nodes[index], member.id))
    }
    for index in 0..<twoKeys {
      nodes.append(try PrivateKey.generate(.ed25519))
      genesis.keys.append(terms(nodes[nodes.count - 1], "m\(index)"))
    }
    let batch = try Genesis.batch(
      genesis, founder: admin, salt: Data(repeating: 7, count: 16), createdAt: Self.start)
    let (admitted, parsed) = try Admission.admitGenesis(batch)
    ledger = try LedgerState.found(admitted, parsed).0
    self.nodes = nodes
    names = (0..<count).compactMap { MemberID("m\($0)") }
    origin = Genesis.origin(name: "harbour", ledgerID: ledger.ledgerID)
  }

  /// A log of that size in one of several histories; every history is another from its second entry on.
  static func log(_ size: UInt64, history: UInt8 = 0) -> LogPoint {
    LogPoint(size: size, root: SHA256.hash([size == 1 ? 0 : history, UInt8(size)]))
  }

  func mark(
    _ node: Int, number: UInt64 = 1, clock: Int64 = 0, log: LogPoint = log(1), epoch: UInt64 = 1
  ) throws -> SignedMark {
    try Mark(
      ledgerID: ledger.ledgerID, epoch: epoch, number: number,
      clock: Instant(microseconds: Self.start.microseconds + clock), log: log
    ).signed(by: nodes[node])
  }

  func verified(_ node: Int, _ log: LogPoint, number: UInt64 = 1) throws -> VerifiedMark {
    try mark(node, number: number, log: log).verified(by: ledger.directory)
  }

  func statement(_ node: Int, signed: LogPoint?, log: LogPoint) throws -> VerifiedStatement {
    try Statement(ledgerID: ledger.ledgerID, closedEpoch: 1, signed: signed, finalSize: 0, log: log)
      .signed(by: nodes[node]).verified(by: ledger.directory)
  }

  /// The note that a node broadcasts: its log signature and its cosignature.
  func note(_ node: Int, _ log: LogPoint, as member: Int? = nil) throws -> String {
    let name = CosignerNode.name(origin: origin, member: names[member ?? node])
    let signed = try NoteSigner(name: origin, key: nodes[node]).sign(
      Checkpoint(origin: origin, size: log.size, root: log.root))
    let note = try SignedNote(signed)
    let line = try Cosignature.make(
      over: note.text, at: Self.start, by: Cosigner(name: name, key: nodes[node]))
    return note.adding(line).description
  }

  /// A certifier of the first node that has read so many entries.
  func certifier(entries: UInt64, lastSigned: LastSigned = LastSigned(), dismissed: Set<KeyID> = []) -> Certifier {
    var certifier = Certifier(
      origin: origin, ownKey: nodes[0].publicKey.id, lastSigned: lastSigned, final: nil, dismissed: dismissed)
    for size in 1...entries {
      certifier.appended(size: size, time: Self.start, directory: ledger.directory)
    }
    return certifier
  }

  /// The root of the first history, as far as it goes.
  static func root(upTo end: UInt64) -> Certifier.RootSource {
    { $0 <= end ? log($0).root : nil }
  }

  /// Has the nodes say that they have that log, which is a checkpoint; gives what follows.
  func prepare(_ certifier: inout Certifier, _ nodes: [Int], _ log: LogPoint) throws -> [Certifier.Action] {
    var actions: [Certifier.Action] = []
    for node in nodes {
      actions += certifier.counted(
        try verified(node, log, number: log.size), checkpoint: log, root: Self.root(upTo: log.size))
    }
    return actions
  }
}
