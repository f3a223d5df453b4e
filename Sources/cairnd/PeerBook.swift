import Client
import Consensus
import Foundation
import GenesisFile
import Ledger
import Logging
import Merkle
import Ordering
import Peers
import Primitives
import ServiceLifecycle
import Signing
import Store
import Synchronization

/// The other members' nodes, as `consortium.yaml` names them.
struct PeerBook {
  /// How often a long fetch is told of in the log.
  private static let reportInterval = Duration.seconds(5)

  /// In the order of the file.
  let peers: [PeerClient]
  private let logger: Logger

  init(_ file: ConsortiumFile, _ directory: DataDirectory, logKey: PrivateKey, logger: Logger) throws(Failure) {
    peers = try Self.clients(file, directory, logKey: logKey)
    self.logger = logger
  }

  /// A client of each of them, who says by the node's key who asks.
  static func clients(
    _ file: ConsortiumFile, _ directory: DataDirectory, logKey: PrivateKey
  ) throws(Failure) -> [PeerClient] {
    try file.peers.map { peer throws(Failure) in
      let trust = peer.authorities.map { ServerTrust.certificates(path: directory.path(of: $0)) } ?? .systemRoots
      return PeerClient(try ServerAddress(peer.address), trust: trust, key: logKey)
    }
  }

  /// Fetches what the engine has forgotten; nil where no peer is named.
  func fetch(into store: Store) -> LogFetch? {
    guard !peers.isEmpty else { return nil }
    let (peers, logger) = (peers, logger)
    return { terms async throws(Failure) in
      let reported = Mutex(ContinuousClock.now)
      let hooks = CatchUp.Hooks(
        progress: { step in
          let words = "\(step.size) of \(step.target) entries, from \(step.peer)"
          terms.progress(words)
          let isDue = reported.withLock { last in
            guard ContinuousClock.now - last >= Self.reportInterval else { return false }
            last = .now
            return true
          }
          if isDue { logger.info("catching up: \(words)") }
        },
        trouble: { peer, failure in logger.warning("catching up: peer \(peer) is left: \(failure)") },
        erase: terms.erase,
        sign: { state, _ throws(Failure) in try terms.sign(state) })
      let outcome = try await CatchUp(
        store: store, peers: peers, order: .shared(epoch: terms.epoch), hooks: hooks
      ).run()
      guard let place = outcome.place else {
        throw Failure(.unavailable, "PLACE_UNKNOWN", "no peer says where the engine's stream goes on")
      }
      logger.info("caught up: \(outcome.state.edge.size) entries; on from message \(place.sequence) of \(place.stream)")
    }
  }

  /// Asks for what the engine did not bring of the members' cosignatures.
  func noteSearch(_ orderer: Orderer) -> NoteSearchService? {
    guard !peers.isEmpty else { return nil }
    return NoteSearchService(
      search: NoteSearch(
        peers: peers,
        standing: {
          let status = orderer.status
          return (status?.log.size ?? 0, status?.certifiedSize ?? 0)
        }, receive: { orderer.receive(note: $0) }))
  }
}

/// The search as a service.
struct NoteSearchService: Service {
  let search: NoteSearch

  func run() async throws {
    await cancelWhenGracefulShutdown { await search.run() }
    try? await gracefulShutdown()
  }
}

extension DataDirectory {
  /// A path of `consortium.yaml`: a relative one is taken from the data directory.
  func path(of name: String) -> String { URL(filePath: name, relativeTo: url).path }
}
