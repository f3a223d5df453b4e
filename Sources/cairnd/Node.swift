import Consortium
import Foundation
import Ledger
import Logging
import Ordering
import Primitives
import Queries
import Signing
import Store

/// The parts of a node over one data directory.
struct Node {
  let directory: DataDirectory
  let store: Store
  let index: PostingIndex
  let views: PublishedView
  let orderer: Orderer
  let queries: Queries

  /// Opens the ledger, brings the index up to it, and checks that the log key is the one that genesis names.
  init(_ directory: DataDirectory, logger: Logger) throws {
    self.directory = directory
    store = try Store(directory)
    let view = try store.readNow { try $0.view() }
    let logKey = try Self.logKey(directory)
    guard logKey.publicKey.id == view.directory.logKey.id else {
      throw Failure(
        .preconditionFailed, "WRONG_LOG_KEY",
        "\(directory.logKey.path) is key \(logKey.publicKey.id); genesis names \(view.directory.logKey.id)")
    }
    let signer = try CheckpointSigner(
      origin: Genesis.origin(name: view.directory.name, ledgerID: view.ledgerID), logKey: logKey)
    index = try store.openIndex()
    views = PublishedView(view)
    orderer = Orderer(store: store, index: index, views: views, signer: signer) { .now }
    queries = Queries(
      store: store, index: index, views: views, signer: signer, seal: try PageSeal(logKey), version: Cairnd.version
    ) { .now }
    logger.info("ledger \(view.ledgerID): \(view.logSize) entries, \(view.recordCount) records")
  }

  private static func logKey(_ directory: DataDirectory) throws -> PrivateKey {
    let pem: String
    do { pem = try String(contentsOf: directory.logKey, encoding: .utf8) } catch {
      throw Failure(
        .preconditionFailed, "LOG_KEY_UNREADABLE", "cannot read \(directory.logKey.path), which signs the checkpoints")
    }
    return try PrivateKey(pem: pem, passphrase: nil)
  }
}
