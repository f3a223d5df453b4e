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
  let hashes: EventHashIndex
  let views: PublishedView
  let orderer: Orderer
  let seat: Seat?
  let queries: Queries
  let subscriptions: Subscriptions
  let witnessing: Witnessing

  /// Opens the ledger, brings the index up to it, and checks that the log key is a node's.
  init(_ directory: DataDirectory, limits: RateLimits, logger: Logger) throws {
    self.directory = directory
    store = try Store(directory)
    let view = try store.readNow { try $0.view() }
    let logKey = try Self.logKey(directory)
    try Self.requireNodeKey(logKey.publicKey.id, of: view, directory, logger)
    let signer = try CheckpointSigner(
      origin: Genesis.origin(name: view.directory.name, ledgerID: view.ledgerID), logKey: logKey)
    witnessing = try Witnessing(directory, view: view, logKey: logKey, logger: logger)
    index = try store.openIndex()
    hashes = try store.openEventHashes()
    views = PublishedView(view)
    let recent = RecentBatches()
    seat = try Seat(directory, view: view, logKey: logKey, store: store)
    if let seat {
      orderer = Orderer(
        store: store, index: index, hashes: hashes, views: views, signer: signer, engine: seat.engine, seat: seat.seat,
        limits: limits, onCommit: { recent.add($0) }, report: { logger.error("consortium: \($0)") }
      ) { .now }
    } else {
      try Self.requireAlone(store)
      orderer = Orderer(
        store: store, index: index, hashes: hashes, views: views, signer: signer, limits: limits,
        onCommit: { recent.add($0) }
      ) { .now }
    }
    queries = Queries(
      store: store, index: index, hashes: hashes, views: views, signer: signer,
      cosignatures: witnessing.cosignatures, seal: try PageSeal(logKey), version: Cairnd.version,
      maxBatchBytes: orderer.maxBatchBytes, isConsortium: seat != nil
    ) { .now }
    subscriptions = Subscriptions(
      queries: queries, store: try SubscriptionStore(directory, ledger: view.ledgerID), recent: recent)
    logger.info("ledger \(view.ledgerID): \(view.logSize) entries, \(view.recordCount) records")
  }

  /// A node that has followed an engine must not decide the order by itself: its log would become another one.
  private static func requireAlone(_ store: Store) throws(Failure) {
    guard let place = try store.readNow({ try $0.enginePlace() }) else { return }
    throw Failure(
      .preconditionFailed, "CONSORTIUM_FILE_MISSING",
      "\(store.directory.consortium.path) is missing, and this node follows the engine's stream \(place.stream): put it back"
    )
  }

  /// A key that was never a node's would sign what nobody takes; one that no longer is one says so and goes on, so that the
  /// ledger can be read and its members can vote for another.
  private static func requireNodeKey(
    _ id: KeyID, of view: LedgerView, _ directory: DataDirectory, _ logger: Logger
  ) throws(Failure) {
    guard let key = view.directory.keys[id], key.roles.contains(.node) else {
      throw Failure(
        .preconditionFailed, "WRONG_LOG_KEY",
        "\(directory.logKey.path) is key \(id), which is no NODE key of ledger \(view.ledgerID)")
    }
    let condition = view.directory.condition(of: key, at: max(view.ledgerTime, .now))
    if let reason = condition.reason {
      logger.warning("this node's key \(id) is not in force (\(reason)): its checkpoints are not trusted any more")
    }
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
