import Checkpoints
import Consensus
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Signing
import Store
import SwiftProtobuf
import Wire

/// Directories of this test run, removed when the process ends.
enum TemporaryDirectory {
  private static let root: URL = {
    atexit { try? FileManager.default.removeItem(at: TemporaryDirectory.root) }
    return FileManager.default.temporaryDirectory.appending(
      path: "cairn-peers-\(ProcessInfo.processInfo.processIdentifier)")
  }()

  /// A fresh empty directory.
  static func make() throws -> URL {
    let url = root.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }
}

/// A ledger of four members, of whom three make a quorum, and its log as an honest node has it.
struct Village {
  static let members = ["mill", "farm", "shop", "road"]
  static let salt = Data(repeating: 7, count: 16)
  static let start = Instant(microseconds: 1_790_000_000_000_000)

  private(set) var state: LedgerState
  let founding: AppliedBatch
  /// Every batch, genesis included, as it is given to peers.
  private(set) var log: [LoggedBatch]
  /// What of it was erased, by position.
  private(set) var claims: [UInt64: [Cairn_V1_ErasedRecord]] = [:]
  let nodeKeys: [PrivateKey]
  private var admins: [BatchBuilder]
  private var scanner: BatchBuilder

  init(batches: Int, recordsPerBatch: Int = 3) throws {
    let adminKeys = try Self.members.map { _ in try PrivateKey.generate(.ed25519) }
    nodeKeys = try Self.members.map { _ in try PrivateKey.generate(.ed25519) }
    let device = try PrivateKey.generate(.ed25519)
    var terms = Cairn_V1_Genesis()
    terms.name = "village"
    for (index, id) in Self.members.enumerated() {
      terms.members.append(
        .with {
          $0.id = id
          $0.legalName = id
          $0.country = "ZZ"
          $0.roles = [.admin, .node, .operator, .device]
        })
      terms.keys.append(Self.key(adminKeys[index], id, .admin))
      terms.keys.append(Self.key(nodeKeys[index], id, .node))
    }
    terms.keys.append(Self.key(device, Self.members[0], .device))
    let batch = try Genesis.batch(terms, founder: adminKeys[0], salt: Self.salt, createdAt: Self.start)
    let (admitted, parsed) = try Admission.admitGenesis(batch)
    let (founded, first) = try LedgerState.found(admitted, parsed)
    (state, founding) = (founded, first)
    log = [LoggedBatch(entry: first.entry, records: first.batch.records, erased: [:])]
    admins = adminKeys.enumerated().map { index, key in
      let chain = AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest)
      return BatchBuilder(key: key, ledgerID: founded.ledgerID, chain: index == 0 ? chain : AuthorChain())
    }
    scanner = BatchBuilder(key: device, ledgerID: founded.ledgerID)
    for number in 0..<batches {
      try scan((0..<recordsPerBatch).map { try Self.sighting(number * recordsPerBatch + $0) })
    }
  }

  private static func key(_ key: PrivateKey, _ member: String, _ role: Cairn_V1_Role) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
      $0.memberID = member
      $0.roles = [role]
    }
  }

  static func sighting(_ number: Int) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = 1_780_000_000_000_000 + Int64(number)
      $0.epcList.items = ["https://id.gs1.org/01/09521321000018/21/V\(number)"]
      $0.bizStep = "shipping"
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }

  /// Records what the device saw.
  mutating func scan(_ records: [Data]) throws {
    try append(scanner.batch(records, createdAt: Self.start))
  }

  /// Has the members erase a record: three vote, the last of them decides.
  mutating func erase(_ index: Int, of position: Int) throws {
    let record = log[position].records[index]
    let proposal = Cairn_V1_Proposal.with {
      $0.redact = .with {
        $0.position = UInt64(position)
        $0.recordIndex = UInt32(index)
        $0.recordID = Data(MerkleTree.leafHash(record).bytes)
      }
      $0.expiresAtMicroseconds = Self.start.microseconds + 86_400_000_000
    }
    let proposed = try change(.propose(proposal), by: 0)
    for member in 1..<Self.members.count where state.directory.redactions.isEmpty {
      let vote = Cairn_V1_Vote.with {
        $0.proposalID = Data(proposed.bytes)
        $0.choice = .approve
      }
      _ = try change(.vote(vote), by: member)
    }
    var records = log[position].records
    records[index] = Data()
    var erased = log[position].erased
    erased[index] = MerkleTree.leafHash(record)
    log[position] = LoggedBatch(entry: log[position].entry, records: records, erased: erased)
    let note = Cairn_V1_ErasedRecord.with {
      $0.recordIndex = UInt32(index)
      $0.recordID = Data(MerkleTree.leafHash(record).bytes)
      $0.decidedAt = UInt64(log.count - 1)
    }
    claims[UInt64(position), default: []].append(note)
  }

  /// Gives the record's id.
  private mutating func change(
    _ change: Cairn_V1_ConsortiumRecord.OneOf_Change, by member: Int
  ) throws -> Digest {
    let record = try BatchBuilder.serialize(Cairn_V1_Record(change: change, salt: Self.salt))
    try append(admins[member].batch([record], createdAt: Self.start))
    return MerkleTree.leafHash(record)
  }

  private mutating func append(_ wire: Cairn_V1_Batch) throws {
    let batch = try Admission(ledgerID: state.ledgerID).admit(wire, directory: state.directory)
    let time = Instant(microseconds: state.lastLedgerTime.microseconds + 1)
    let outcome = try state.apply(batch, at: time) { _ in true }
    guard case .appended(let applied) = outcome else { throw Failure(.bug, "NOT_APPENDED", "not appended") }
    log.append(LoggedBatch(entry: applied.entry, records: applied.batch.records, erased: [:]))
  }

  /// Forges the log: from `position` on every entry a microsecond later.
  mutating func shift(_ position: Int) {
    for index in position..<log.count {
      var entry = log[index].entry
      let time = entry[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } + 1
      withUnsafeBytes(of: time.bigEndian) { entry.replaceSubrange(1..<9, with: $0) }
      log[index] = LoggedBatch(entry: entry, records: log[index].records, erased: log[index].erased)
    }
  }

  /// The checkpoint over all of it, cosigned by these members; the first signs as the log, too.
  func note(by signers: [Int] = [0, 1, 2], root: Digest? = nil) throws -> String {
    let origin = Genesis.origin(name: "village", ledgerID: state.ledgerID)
    let checkpoint = try Checkpoint(origin: origin, size: state.edge.size, root: root ?? state.edge.root)
    let text = try NoteSigner(name: origin, key: nodeKeys[0]).sign(checkpoint)
    return try signers.reduce(SignedNote(text)) { note, member in
      let cosigner = try Cosigner(name: "\(origin)/\(Self.members[member])", key: nodeKeys[member])
      return note.adding(try Cosignature.make(over: note.text, at: Self.start, by: cosigner))
    }.description
  }

  /// Where the order stood at the log's end, as that member's node says.
  func place(
    by member: Int, sequence: UInt64 = 900, clock: Int64 = 0, epoch: UInt64 = 1
  ) throws -> Cairn_V1_GetConsensusStateResponse {
    var consensus = ConsensusState(epoch: epoch)
    let log = LogPoint(size: state.edge.size, root: state.edge.root)
    for (number, key) in nodeKeys.enumerated() {
      let mark = Mark(
        ledgerID: state.ledgerID, epoch: epoch, number: UInt64(number) + 1,
        clock: Instant(microseconds: Self.start.microseconds + clock), log: log)
      _ = try consensus.apply(try mark.signed(by: key), ledger: state)
    }
    let bytes = try consensus.serialized
    return try OrderPlace(
      ledgerID: state.ledgerID, epoch: epoch, log: log, stream: "CAIRN_\(epoch)", created: 7, sequence: sequence,
      stored: 8, state: bytes
    ).signed(by: nodeKeys[member], state: bytes).wire
  }

  /// A new member's store: genesis, not signed, to be caught up from.
  func newStore(at url: URL) throws -> Store {
    let store = try Store(DataDirectory(url.path), create: true)
    let genesis = try log[0].found()
    try store.appendNow(fetched: genesis.1, root: genesis.0.edge.root)
    return store
  }
}
