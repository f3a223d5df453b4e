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

/// A ledger on disk: genesis, one registered device, and that device's batches.
final class StoredLedger {
  let directory: DataDirectory
  private(set) var state: LedgerState
  private(set) var applied: [AppliedBatch]
  private var opened: Store?
  private let signer: CheckpointSigner

  var store: Store {
    guard let opened else { preconditionFailure("the ledger was closed") }
    return opened
  }

  init(batches: Int, recordsPerBatch: Int = 2) async throws {
    directory = DataDirectory(try TemporaryDirectory.make().path)
    let (admin, device, log) = (
      try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519)
    )
    let start = Instant(microseconds: 1_790_000_000_000_000)
    let genesis = try Genesis.batch(
      name: "harbour", memberID: "harbour", admin: admin, logKey: log.publicKey, salt: Self.salt, createdAt: start)
    let (admitted, terms) = try Admission.admitGenesis(genesis)
    let (founded, first) = LedgerState.found(admitted, terms, at: start)
    state = founded
    applied = [first]
    signer = try CheckpointSigner(origin: Genesis.origin(name: "harbour", ledgerID: founded.ledgerID), logKey: log)
    opened = try Store(directory, create: true)
    try store.appendNow([first], directory: state.directory, checkpoint: try checkpoint())

    var registrar = BatchBuilder(
      key: admin, ledgerID: state.ledgerID, chain: AuthorChain(nextSequence: 2, lastDigest: first.batch.header.digest))
    var scanner = BatchBuilder(key: device, ledgerID: state.ledgerID)
    var wires = [try registrar.batch([try Self.registration(device.publicKey)], createdAt: start)]
    for number in 0..<batches {
      let records = try (0..<recordsPerBatch).map { try Self.sighting(number * recordsPerBatch + $0) }
      wires.append(try scanner.batch(records, createdAt: start))
    }
    for wire in wires { try apply(wire) }
    try await store.append(Array(applied.dropFirst()), directory: state.directory, checkpoint: try checkpoint())
  }

  /// Lets go of the store, so that another may open the directory.
  func closed() -> DataDirectory {
    opened = nil
    return directory
  }

  private func apply(_ wire: Cairn_V1_Batch) throws {
    let batch = try Admission(ledgerID: state.ledgerID).admit(wire, directory: state.directory)
    let time = Instant(microseconds: state.lastLedgerTime.microseconds + 1)
    if case .appended(let next) = try state.apply(batch, at: time) { applied.append(next) }
  }

  private func checkpoint() throws -> SignedCheckpoint {
    try signer.sign(size: state.edge.size, root: state.edge.root)
  }

  private static let salt = Data(repeating: 7, count: 16)

  private static func registration(_ key: PublicKey) throws -> Data {
    let change = Cairn_V1_RegisterKey.with {
      $0.publicKey = Data(key.subjectPublicKeyInfo)
      $0.memberID = "acme"
      $0.role = .device
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(change: .registerKey(change), salt: salt))
  }

  private static func sighting(_ number: Int) throws -> Data {
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
