import Checkpoints
import Consensus
import Consortium
import Engine
import Foundation
import GenesisFile
import Ledger
import Logging
import Ordering
import Primitives
import Signing
import Store

/// A node's part in its consortium, as `consortium.yaml` says.
struct Seat {
  let file: ConsortiumFile
  let engine: EngineConnection
  let book: PeerBook
  private let options: EngineOptions
  let seat: ConsortiumSeat
  /// One element whenever the engine comes or goes. For one task.
  let changes: AsyncStream<Void>

  /// Reads the file and begins to connect; nil where the node is alone.
  init?(
    _ directory: DataDirectory, view: LedgerView, logKey: PrivateKey, store: Store, logger: Logger
  ) throws(Failure) {
    guard let file = try Self.file(of: directory) else { return nil }
    try Self.requireSecret(directory.path(of: file.engine.key))
    guard let member = view.directory.keys[logKey.publicKey.id]?.memberID else {
      throw Failure(.preconditionFailed, "WRONG_LOG_KEY", "key \(logKey.publicKey.id) belongs to no member")
    }
    let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let options = EngineOptions(
      servers: file.engine.servers, authorities: directory.path(of: file.engine.authorities),
      certificate: directory.path(of: file.engine.certificate), key: directory.path(of: file.engine.key),
      name: "cairnd-\(member)")
    let origin = Genesis.origin(name: view.directory.name, ledgerID: view.ledgerID)
    let cosigner = try Cosigner(name: CosignerNode.name(origin: origin, member: member), key: logKey)
    let folder = Self.promiseFolder(file, of: directory)
    let promises: Result<LastSignedStore, Failure>
    do throws(Failure) {
      promises = .success(try LastSignedStore(folder, key: logKey.publicKey.id, store: store))
    } catch { promises = .failure(error) }
    self.file = file
    self.options = options
    self.changes = changes
    book = try PeerBook(file, directory, logKey: logKey, logger: logger)
    seat = ConsortiumSeat(
      member: member, key: logKey, cosigner: cosigner, promises: promises, dismissed: file.dismissed,
      replicas: file.engine.replicas, maxAgeSeconds: Int64(file.engine.maxAgeHours) * 3_600,
      fetch: book.fetch(into: store))
    engine = try EngineConnection(options) { _ in change.yield() }
  }

  /// Where the node's promise is kept.
  static func promiseFolder(_ file: ConsortiumFile, of directory: DataDirectory) -> URL {
    file.cosigner.map { path in
      URL(filePath: directory.path(of: path), directoryHint: .isDirectory)
    } ?? directory.cosigner
  }

  /// Reads the engine's certificates and key again and connects with them; where they cannot be used nothing changes.
  func renewCertificate() throws(Failure) {
    try Self.requireSecret(options.key)
    try engine.renew(options)
  }

  /// Ends the connection to the engine.
  func close() { engine.close() }

  /// The file, if there is one; whatever is wrong in it is said with its line.
  static func file(of directory: DataDirectory) throws(Failure) -> ConsortiumFile? {
    let path = directory.consortium.path
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Failure(.preconditionFailed, "FILE_UNREADABLE", "cannot read \(path)")
    }
    do { return try ConsortiumFile(yaml: Array(bytes)) } catch {
      throw Failure(error.kind, error.reason, "\(path): \(error.message)", violations: error.violations)
    }
  }

  /// Refuses a key file that others can read.
  private static func requireSecret(_ path: String) throws(Failure) {
    guard let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber else {
      throw Failure(.preconditionFailed, "FILE_UNREADABLE", "\(path) cannot be looked at: a private key was expected")
    }
    guard mode.intValue & 0o077 == 0 else {
      throw Failure(
        .preconditionFailed, "KEY_FILE_MODE",
        "\(path) can be read by others (mode \(String(mode.intValue & 0o777, radix: 8))): chmod 600 \(path)")
    }
  }
}
