import Consortium
import Foundation
import GRDB
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
      path: "cairn-tests-\(ProcessInfo.processInfo.processIdentifier)")
  }()

  /// A fresh empty directory.
  static func make() throws -> URL {
    let url = root.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }
}

/// A ledger on disk: genesis, one registered device, and that device's batches. Its one member decides alone.
final class StoredLedger {
  let directory: DataDirectory
  private(set) var state: LedgerState
  private(set) var applied: [AppliedBatch]
  private var opened: Store?
  /// The key of the ledger's one node.
  let logKey: PrivateKey
  private let signer: CheckpointSigner
  private var admin: BatchBuilder
  private var scanner: BatchBuilder

  var store: Store {
    guard let opened else { preconditionFailure("the ledger was closed") }
    return opened
  }

  init(batches: Int, recordsPerBatch: Int = 2) async throws {
    directory = DataDirectory(try TemporaryDirectory.make().path)
    let (adminKey, device, log) = (
      try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519)
    )
    logKey = log
    let terms = Genesis.alone(name: "harbour", memberID: "harbour", admin: adminKey.publicKey, logKey: log.publicKey)
    let genesis = try Genesis.batch(terms, founder: adminKey, salt: Self.salt, createdAt: Self.start)
    let (admitted, parsed) = try Admission.admitGenesis(genesis)
    let (founded, first) = try LedgerState.found(admitted, parsed)
    state = founded
    applied = [first]
    signer = try CheckpointSigner(origin: Genesis.origin(name: "harbour", ledgerID: founded.ledgerID), logKey: log)
    let chain = AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest)
    admin = BatchBuilder(key: adminKey, ledgerID: founded.ledgerID, chain: chain)
    scanner = BatchBuilder(key: device, ledgerID: founded.ledgerID)
    opened = try Store(directory, create: true)
    try store.appendNow([first], checkpoint: try checkpoint())

    var wires = [try change([.registerKey(Self.registration(device.publicKey))])]
    for number in 0..<batches {
      wires.append(try scan((0..<recordsPerBatch).map { try Self.sighting(number * recordsPerBatch + $0) }))
    }
    try await append(wires)
  }

  /// Lets go of the store, so that another may open the directory.
  func closed() -> DataDirectory {
    opened = nil
    return directory
  }

  /// Writes batches as one group; gives what the index must forget.
  @discardableResult
  func append(_ wires: [Cairn_V1_Batch]) async throws -> [Posting]? {
    let count = applied.count
    for wire in wires {
      let batch = try Admission(ledgerID: state.ledgerID).admit(wire, directory: state.directory)
      let time = Instant(microseconds: state.lastLedgerTime.microseconds + 1)
      if case .appended(let next) = try state.apply(batch, at: time, isInLog: isInLog) { applied.append(next) }
    }
    return try await store.append(Array(applied.dropFirst(count)), checkpoint: try checkpoint())
  }

  private func isInLog(_ redaction: Redaction) -> Bool {
    applied[Int(redaction.place.position)].batch.recordIDs[Int(redaction.place.index)] == redaction.recordID
  }

  /// The device's next batch.
  func scan(_ records: [Data], onError: Cairn_V1_OnError = .rejectBatch) throws -> Cairn_V1_Batch {
    try scanner.batch(records, createdAt: Self.start, onError: onError)
  }

  /// The admin's next batch: consortium records.
  func change(_ changes: [Cairn_V1_ConsortiumRecord.OneOf_Change]) throws -> Cairn_V1_Batch {
    let records = try changes.map { try BatchBuilder.serialize(Cairn_V1_Record(change: $0, salt: Self.salt)) }
    return try admin.batch(records, createdAt: Self.start)
  }

  func checkpoint() throws -> SignedCheckpoint {
    try signer.sign(size: state.edge.size, root: state.edge.root)
  }

  /// Signs a checkpoint of this ledger.
  var sign: @Sendable (UInt64, Digest) throws(Failure) -> SignedCheckpoint {
    let signer = signer
    return { size, root throws(Failure) in try signer.sign(size: size, root: root) }
  }

  static let salt = Data(repeating: 7, count: 16)
  static let start = Instant(microseconds: 1_790_000_000_000_000)

  private static func registration(_ key: PublicKey) -> Cairn_V1_RegisterKey {
    .with {
      $0.publicKey = Data(key.subjectPublicKeyInfo)
      $0.memberID = "harbour"
      $0.roles = [.device]
    }
  }

  static func sighting(_ number: Int, salt: Data = salt) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = 1_780_000_000_000_000 + Int64(number)
      $0.epcList.items = ["https://id.gs1.org/01/09521321000018/21/B\(number)"]
      $0.bizStep = "shipping"
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }
}

/// Changes a database behind its owner's back.
func damage(_ database: URL, _ sql: String) throws {
  try DatabaseQueue(path: database.path).write { try $0.execute(sql: sql) }
}

extension Store {
  /// Opens a directory that was let go of. What read it last may hold it for a moment more.
  static func again(_ directory: DataDirectory) throws -> Store {
    for _ in 0..<100_000 {
      do throws(Failure) { return try Store(directory) } catch {
        guard error.reason == "DATA_DIRECTORY_LOCKED" else { throw error }
        sched_yield()
      }
    }
    return try Store(directory)
  }
}
