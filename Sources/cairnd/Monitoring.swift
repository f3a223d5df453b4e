import Certificates
import Checkpoints
import Engine
import Foundation
import Gateway
import Ledger
import Logging
import Ordering
import Primitives
import Queries
import RPCServices
import ServiceLifecycle
import Store
import Synchronization
import Telemetry
import UnixSignals
import Witnesses

/// What a node says about itself to those who run it.
struct Monitoring {
  private let node: Node
  private let server: CairnServer
  private let logger: Logger
  private let certificate: ServedCertificate?

  /// `certificate` is the TLS certificate's file, if the server has one.
  init(node: Node, server: CairnServer, certificate: URL?, logger: Logger) {
    self.node = node
    self.server = server
    self.certificate = certificate.map(ServedCertificate.init)
    self.logger = logger
  }

  /// Says in the log what is going to expire.
  var expiryWatch: ExpiryWatch {
    ExpiryWatch(views: node.views, logger: logger) { forecast(at: .now) }
  }

  /// Takes new TLS certificates on SIGHUP, of the server and for the engine; nil where there are none.
  var certificateReload: CertificateReload? {
    guard certificate != nil || node.seat != nil else { return nil }
    return CertificateReload(server: server, certificate: certificate, seat: node.seat, logger: logger)
  }

  /// Serves the figures for Prometheus, and says where.
  func metrics(on address: ListenAddress, witness: WitnessDesk?) -> HTTPListener {
    let page = MetricsPage(type: Exposition.contentType) {
      let now = Instant.now
      let subscriptions = node.subscriptions.figures
      return NodeFigures(
        view: node.views.current, now: now, forecast: forecast(at: now), isServing: node.orderer.isServing,
        connections: server.connections.count, refusedConnections: server.connections.refusedCount,
        receivers: subscriptions.receivers, subscriptionLag: subscriptions.lagRecords
      ).page + WitnessFigures(node.witnessing.cosignatures, witness).page
        + (node.orderer.status.map { ConsensusFigures($0).page } ?? "")
        + (DiskFigures(of: node.directory.url)?.page ?? "")
    }
    return HTTPListener(address, purpose: "metrics", logger: logger, pages: page)
  }

  /// Serves the log as tiles, and the witness of other logs, and says where.
  func tiles(on address: ListenAddress, witness: WitnessDesk?) -> HTTPListener {
    HTTPListener(
      address, purpose: "tiles", logger: logger,
      pages: LogPages(
        queries: node.queries, witness: witness, stop: { [orderer = node.orderer] in orderer.stop }, logger: logger))
  }

  private func forecast(at now: Instant) -> ExpiryForecast {
    ExpiryForecast(node.views.current.directory, certificateEnd: certificate?.end, now: now)
  }
}

extension ConsensusFigures {
  fileprivate init(_ status: NodeStatus) {
    self.init(
      isEngineConnected: status.engine.isConnected, isFollowing: status.standing == .following,
      isCatchingUp: status.standing.isCatchingUp,
      isCosigning: status.lastSigned != nil && status.silence == nil && status.stop == nil, epoch: status.epoch,
      appliedSequence: status.appliedSequence, certifiedSize: status.certifiedSize,
      divergenceCount: status.contradictions, missing: status.awaited?.missing ?? [],
      skippedCount: status.skippedCount)
  }
}

extension WitnessFigures {
  fileprivate init(_ cosignatures: Cosignatures, _ witness: WitnessDesk?) {
    self.init(
      asked: cosignatures.witnesses.map { Size($0.name, cosignatures.latestSize(of: $0) ?? 0) },
      required: cosignatures.required,
      complete: cosignatures.required > 0 ? cosignatures.complete?.size ?? 0 : nil,
      witnessed: witness?.sizes.map { Size($0.origin, $0.size) } ?? [])
  }
}

extension HTTPListener {
  /// Listens there and says so on the console.
  fileprivate convenience init(
    _ address: ListenAddress, purpose: String, logger: Logger, pages: some HTTPPages
  ) {
    self.init(host: address.host, port: address.port, purpose: purpose, logger: logger, pages: pages) { port in
      Console.print("\(purpose) on \(address.description.dropLast(String(address.port).count))\(port)")
    }
  }
}

/// When the TLS certificate ends that the server took last; the file may hold another by now.
final class ServedCertificate: Sendable {
  private let file: URL
  private let latest: Mutex<Instant?>

  init(_ file: URL) {
    self.file = file
    latest = Mutex(Self.end(of: file))
  }

  /// Nil where the file cannot be read.
  var end: Instant? { latest.withLock { $0 } }

  /// Looks at the file that the server has just taken.
  func look() { latest.withLock { $0 = Self.end(of: file) } }

  private static func end(of file: URL) -> Instant? {
    guard let pem = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    return try? ServerCertificate(pem: pem).end
  }
}

/// Reads the TLS files again when the process is told to.
struct CertificateReload: Service {
  let server: CairnServer
  let certificate: ServedCertificate?
  let seat: Seat?
  let logger: Logger

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      if let certificate { reload(certificate) }
      if let seat { renew(seat) }
    }
  }

  private func reload(_ certificate: ServedCertificate) {
    do throws(Failure) {
      try server.reloadCertificate()
      certificate.look()
      let end = certificate.end.map { ", good until \($0)" } ?? ""
      logger.info("took the TLS certificate again, for new connections\(end)")
    } catch {
      logger.error("kept the TLS certificate that there was: \(error)")
    }
  }

  private func renew(_ seat: Seat) {
    do throws(Failure) {
      try seat.renewCertificate()
      logger.info("took the engine's certificates again, and connects to it anew")
    } catch {
      logger.error("kept the engine's certificates that there were: \(error)")
    }
  }
}
