import Consensus
import Consortium
import Engine
import Foundation
import Ledger
import Logging
import Ordering
import Primitives
import Queries
import Signing
import Store
import Wire

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
  let peers: PeerAnswers

  /// Opens the ledger, brings the index up to it, and checks that the log key is a node's.
  init(_ directory: DataDirectory, limits: RateLimits, logger: Logger) throws {
    self.directory = directory
    store = try Store(directory)
    if let base = try store.readNow({ try $0.catchUpBase() }) {
      throw Failure(
        .preconditionFailed, "CATCH_UP_UNFINISHED",
        "the log beyond entry \(base.size) is not proven yet: give the command again that fetches it, cairnd join or cairnd "
          + "recover open; it goes on where it was")
    }
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
      try Self.requireOpenEpoch(seat)
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
    peers = PeerAnswers(
      store: store, views: views, key: logKey.publicKey.id, version: Cairnd.version,
      sources: Self.sources(orderer, store))
    logger.info("ledger \(view.ledgerID): \(view.logSize) entries, \(view.recordCount) records")
  }

  /// A node that has left its epoch follows nothing until it is in the next one: it has said how far it had come.
  private static func requireOpenEpoch(_ seat: Seat) throws(Failure) {
    guard case .success(let promises) = seat.seat.promises, case let promise = try promises.promise, promise.isClosed
    else { return }
    throw Failure(
      .preconditionFailed, "EPOCH_CLOSED",
      "this node has left epoch \(promise.epoch): cairnd recover open comes next, with the members' statements")
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

  /// The key that signs this node's checkpoints.
  static func logKey(_ directory: DataDirectory) throws -> PrivateKey {
    let pem: String
    do { pem = try String(contentsOf: directory.logKey, encoding: .utf8) } catch {
      throw Failure(
        .preconditionFailed, "LOG_KEY_UNREADABLE", "cannot read \(directory.logKey.path), which signs the checkpoints")
    }
    return try PrivateKey(pem: pem, passphrase: nil)
  }
}

extension Node {
  /// What this node tells its peers beside its log.
  fileprivate static func sources(_ orderer: Orderer, _ store: Store) -> PeerAnswers.Sources {
    PeerAnswers.Sources(
      report: { view in
        var report = NodeReport(view)
        if let status = orderer.status { report.take(status) }
        return report
      },
      divergences: { () async throws(Failure) in
        try await store.read { try $0.divergences(limit: StoredDivergence.maxCount) }.map {
          DivergenceEvidence(size: $0.size, own: $0.own, other: $0.other, seenAt: Instant(microseconds: 0))
        }
      })
  }
}

extension NodeReport {
  /// Takes over what the order that the members share says.
  fileprivate mutating func take(_ status: NodeStatus) {
    lastSigned = status.lastSigned?.size ?? 0
    stopped = (status.stop ?? status.silence)?.description
    missing = status.awaited?.missing ?? []
    var state: Cairn_V1_EngineState
    var message = ""
    switch status.engine {
    case .connected: state = .connected
    case .away(let reason): (state, message) = (.away, reason)
    case .closed: (state, message) = (.away, "the connection was closed")
    }
    switch status.standing {
    case .stopped(let failure):
      message = failure.description
      switch failure.reason {
      case "ENGINE_LOST": state = .lost
      case "ENGINE_ROLLED_BACK": state = .rolledBack
      case "ENGINE_TRIMMED": state = .trimmed
      default: break
      }
    case .stalled(let failure) where message.isEmpty: message = failure.description
    default: break
    }
    engine = Engine(
      state: state, message: message, epoch: status.epoch, applied: status.appliedSequence,
      end: status.appliedSequence)
  }
}
