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
  init(_ directory: DataDirectory, limits: RateLimits, logger: Logger) async throws {
    self.directory = directory
    store = try Store(directory)
    try await Self.endCatchUp(store, logger)
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
    let onTrouble: @Sendable (Failure?) -> Void = { failure in
      if let failure {
        logger.warning("batches cannot be written: \(failure)")
      } else {
        logger.notice("batches are written again")
      }
    }
    seat = try Seat(directory, view: view, logKey: logKey, store: store, logger: logger)
    if let seat {
      try Self.requireOpenEpoch(seat, store)
      orderer = Orderer(
        store: store, index: index, hashes: hashes, views: views, signer: signer, engine: seat.engine, seat: seat.seat,
        limits: limits, onCommit: { recent.add($0) }, onTrouble: onTrouble,
        report: { logger.error("consortium: \($0)") }
      ) { .now }
    } else {
      try Self.requireAlone(store)
      orderer = Orderer(
        store: store, index: index, hashes: hashes, views: views, signer: signer, limits: limits,
        onCommit: { recent.add($0) }, onTrouble: onTrouble
      ) { .now }
    }
    queries = Queries(
      store: store, index: index, hashes: hashes, views: views, signer: signer,
      cosignatures: witnessing.cosignatures, seal: try PageSeal(logKey), version: Cairnd.version,
      maxBatchBytes: orderer.maxBatchBytes, isConsortium: seat != nil
    ) { .now }
    subscriptions = Subscriptions(
      queries: queries,
      store: try SubscriptionStore(directory, ledger: view.ledgerID) { logger.warning("\($0)") }, recent: recent)
    peers = PeerAnswers(
      store: store, views: views, key: logKey.publicKey.id, version: Cairnd.version,
      sources: Self.sources(orderer, store, ledgerID: view.ledgerID, logKey, isConsortium: seat != nil))
    logger.info("ledger \(view.ledgerID): \(view.logSize) entries, \(view.recordCount) records")
  }

  /// A node that was stopped while it caught up goes on with what is proven, and fetches the rest again when it follows the
  /// engine. One that never was brought to an end by `cairnd join` has nothing to go on with.
  private static func endCatchUp(_ store: Store, _ logger: Logger) async throws(Failure) {
    guard let base = try await store.read({ try $0.catchUpBase() }) else { return }
    let hasSeat = FileManager.default.fileExists(atPath: store.directory.consortium.path)
    guard hasSeat, !base.note.isEmpty else { throw base.isUnfinished }
    logger.warning("the log beyond entry \(base.size) was not proven when the node stopped: it will be fetched again")
    try await store.endCatchUp()
  }

  /// A node that has left its epoch follows nothing until it is in the next one: it has said how far it had come. Who came into
  /// a later one by `cairnd join`, from a place that the members agree on, is in that, and has left the one before also where its
  /// data directory was lost before it could say so. What it signed stays what it was.
  private static func requireOpenEpoch(_ seat: Seat, _ store: Store) throws(Failure) {
    guard case .success(let promises) = seat.seat.promises else { return }
    var promise = try promises.promise
    if let place = try store.readNow({ try $0.enginePlace() }), place.epoch > promise.epoch {
      promise = try promise.closed.opening(place.epoch)
      try promises.save(promise)
    }
    guard promise.isClosed else { return }
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
  fileprivate static func sources(
    _ orderer: Orderer, _ store: Store, ledgerID: Digest, _ logKey: PrivateKey, isConsortium: Bool
  ) -> PeerAnswers.Sources {
    var sources = PeerAnswers.Sources(
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
    if isConsortium {
      sources.place = { size async throws(Failure) in
        guard let placed = try await orderer.placedCheckpoint(size: size) else { return nil }
        return try OrderPlace(placed, ledgerID: ledgerID).signed(by: logKey, state: placed.place.state).wire
      }
    }
    return sources
  }
}

extension OrderPlace {
  /// The place of a checkpoint, as this node has kept it.
  fileprivate init(_ placed: PlacedCheckpoint, ledgerID: Digest) {
    let place = placed.place
    self.init(
      ledgerID: ledgerID, epoch: place.epoch, log: LogPoint(size: placed.size, root: placed.root), stream: place.stream,
      created: place.created, sequence: place.sequence, stored: place.stored ?? 0, state: place.state)
  }
}

extension NodeReport {
  /// Takes over what the order that the members share says.
  fileprivate mutating func take(_ status: NodeStatus) {
    lastSigned = status.lastSigned?.size ?? 0
    stopped = (status.stop ?? status.silence)?.description
    missing = status.awaited?.missing ?? []
    cosigned = status.cosignedNote
    var state: Cairn_V1_EngineState
    var message = ""
    switch status.engine {
    case .connected: state = .connected
    case .away(let reason): (state, message) = (.away, reason)
    case .closed: (state, message) = (.away, "the connection was closed")
    }
    switch status.standing {
    case .catchingUp(let progress): (isCatchingUp, state, message) = (true, .trimmed, progress)
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
