import ArgumentParser
import Foundation
import Ledger
import Logging
import Ordering
import Primitives
import Queries
import RPCServices
import ServiceLifecycle
import Signing
import Store
import UnixSignals

/// Serves a ledger until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Serve a ledger over gRPC until SIGTERM or SIGINT.")

  @Argument(help: "The data directory.")
  var directory: String

  @Option(help: "Address and port to listen on; port 0 means any free one.")
  var listen = "127.0.0.1:7443"

  @Flag(help: "Serve without TLS. On a loopback address only.")
  var plaintext = false

  @Option(
    help: ArgumentHelp(
      "Address and port on which Prometheus finds figures at /metrics, over HTTP without TLS: 127.0.0.1:9464, for example.",
      valueName: "address"))
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "Address and port at which the log is served as C2SP tiles, over HTTP without TLS, for witnesses, monitors and mirrors.",
      valueName: "address"))
  var tiles: String?

  @OptionGroup(title: "Limits on this node")
  var limits: LimitOptions

  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    // A file-size limit then fails the write, which the client is told, instead of ending the process.
    signal(SIGXFSZ, SIG_IGN)
    let logger = Logger(label: "cairnd") { StreamLogHandler.standardError(label: $0) }
    let node = try await Node(DataDirectory(directory), limits: limits.rateLimits(), logger: logger)
    let server = try CairnServer(
      address: try ListenAddress(listen),
      protection: plaintext
        ? .plaintext
        : .tls(
          certificateChainPath: node.directory.certificate.path, privateKeyPath: node.directory.certificateKey.path),
      orderer: node.orderer, queries: node.queries, subscriptions: node.subscriptions, peers: node.peers,
      views: node.views,
      logger: logger, now: { .now })
    let monitoring = Monitoring(
      node: node, server: server, certificate: plaintext ? nil : node.directory.certificate, logger: logger)
    var services: [any Service] = [monitoring.expiryWatch]
    if let reload = monitoring.certificateReload { services.append(reload) }
    let desk = try node.witnessing.desk()
    if let metrics { services.append(monitoring.metrics(on: try ListenAddress(metrics), witness: desk)) }
    if let tiles {
      services.append(monitoring.tiles(on: try ListenAddress(tiles), witness: desk))
    } else if desk != nil {
      logger.warning("witness.yaml names logs, and nobody can bring their checkpoints: serve with --tiles ADDRESS")
    }
    let asker = await node.witnessing.asker(of: node.queries, views: node.views, isConsortium: node.seat != nil)
    if let asker { services.append(asker) }
    if let search = node.seat?.book.noteSearch(node.orderer) { services.append(search) }
    var group = ServiceGroupConfiguration(
      services: [
        .init(service: WriterService(orderer: node.orderer, health: server.health)),
        .init(service: HealthService(node: node, health: server.health)),
        .init(service: RepublishService(store: node.store, orderer: node.orderer, logger: logger)),
        .init(service: IndexService(index: node.index, server: server, logger: logger)),
        .init(service: SubscriptionService(subscriptions: node.subscriptions, logger: logger)),
        .init(service: IndexService(index: node.hashes.postings, server: server, logger: logger)),
        .init(service: EventHashService(node: node, server: server, logger: logger)),
        .init(service: server),
        .init(service: Announcement(server: server, directory: node.directory, listen: listen)),
      ] + services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(30)
    try await ServiceGroup(configuration: group).run()
    node.seat?.close()
    try node.store.settle()
  }
}

extension ListenAddress {
  /// Parses `host:port`; an IPv6 address stands in brackets.
  init(_ text: String) throws(Failure) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else {
      throw .malformed("INVALID_LISTEN_ADDRESS", field: "--listen", "\"\(text)\" is not host:port")
    }
    try self.init(host: text[..<colon].trimmingCharacters(in: ["[", "]"]), port: port)
  }
}

/// The single writer as a service: on shutdown it writes what it has taken and ends.
private struct WriterService: Service {
  let orderer: Orderer
  let health: ServerHealth

  func run() async throws {
    defer { health.writerChanged() }
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await orderer.run()
    } onCancelOrGracefulShutdown: {
      orderer.close()
    }
  }
}

/// Tells whoever watches the node's health that the engine has come or gone.
private struct HealthService: Service {
  let node: Node
  let health: ServerHealth

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup { group in
        if let changes = node.seat?.changes {
          group.addTask { for await _ in changes { node.orderer.engineChanged() } }
        }
        for await _ in node.orderer.changes { health.writerChanged() }
        group.cancelAll()
      }
    }
    try? await gracefulShutdown()
  }
}

/// Delivers to subscriptions and keeps their cursors; ends after the server, with all that was acknowledged on disk.
private struct SubscriptionService: Service {
  let subscriptions: Subscriptions
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await subscriptions.run { logger.error("subscriptions: \($0)") }
    }
    if let failure = await subscriptions.close() { logger.error("subscriptions: \(failure)") }
  }
}

/// Says where the server listens, once it does.
private struct Announcement: Service {
  let server: CairnServer
  let directory: DataDirectory
  let listen: String

  func run() async throws {
    // A server that cannot listen says why itself.
    guard let port = try? await server.listeningPort else { return try await gracefulShutdown() }
    let address = "\(listen[..<(listen.lastIndex(of: ":") ?? listen.endIndex)]):\(port)"
    try Data((address + "\n").utf8).write(to: directory.address, options: .atomic)
    Console.print("listening on \(address)")
    try? await gracefulShutdown()
    try? FileManager.default.removeItem(at: directory.address)
  }
}
