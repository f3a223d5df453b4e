import GRPCCore
import GRPCNIOTransportHTTP2Posix
package import Logging
import NIOCore
package import Ordering
package import Primitives
package import Queries
import ServiceLifecycle
package import Store
import WireRPC

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The gRPC server: every service of this node on one port.
package final class CairnServer: Service {
  /// What the server says about itself; tell it when the writer starts or stops.
  package let health: ServerHealth
  /// The connections that are open.
  package let connections: ConnectionRegistry
  private let access: AccessControl
  private let tls: ServerTLS
  private let address: ListenAddress
  private let timing = TimingInterceptor()
  private let server: GRPCServer<HTTP2ServerTransport.Custom<ConnectionListener>>

  /// A server that does not listen yet. Reads the TLS files; refuses plaintext on an address others can reach. Callers are
  /// recognised by the latest of `views` and by the time that `now` gives.
  package init(
    address: ListenAddress, protection: TransportProtection, orderer: Orderer, queries: Queries,
    subscriptions: Subscriptions, peers: PeerAnswers, views: PublishedView, logger: Logger,
    now: @escaping @Sendable () -> Instant
  ) throws {
    let health = ServerHealth { orderer.isServing }
    let connections = ConnectionRegistry()
    let access = AccessControl(views: views, connections: connections, now: now)
    let disclosure = Disclosure(logger: logger) { health.isShuttingDown }
    let reflector = Reflector(index: try DescriptorIndex(base64: fileDescriptorSetBase64))
    let tls = try ServerTLS(protection, on: address)
    let gate = { @Sendable [calls = OpenCalls()] (channel: any Channel) in
      channel.eventLoop.makeCompletedFuture {
        let handler = CallGate(calls: calls, host: channel.parent?.remoteHost ?? "", logger: logger)
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
      }
    }
    self.health = health
    self.tls = tls
    self.connections = connections
    self.access = access
    self.address = address
    server = GRPCServer(
      transport: .init(
        listenerFactory: ConnectionListener(
          address: address, tls: tls, connections: connections),
        config: Self.configuration(gate: gate)),
      services: [
        LedgerHandlers(orderer: orderer, queries: queries, disclosure: disclosure, health: health),
        ProvenanceHandlers(queries: queries),
        MasterDataHandlers(queries: queries),
        AuditHandlers(queries: queries, orderer: orderer),
        ConsortiumHandlers(queries: queries),
        SubscriptionHandlers(subscriptions: subscriptions),
        PeerHandlers(peers: peers),
        HealthHandlers(health: health),
        ReflectionHandlers(reflector: reflector),
      ],
      interceptors: [
        timing, DeadlineInterceptor(), FailureInterceptor(disclosure: disclosure),
        StandingInterceptor { orderer.stop }, IdentityInterceptor(access: access, connections: connections),
      ])
  }

  /// Calls since the start.
  package var callCount: UInt64 { timing.callCount }

  /// Reads the TLS files again, for the connections that come from now on. Where they cannot be used nothing changes.
  package func reloadCertificate() throws(Failure) { try tls.reload() }

  /// The port it listens on, once it does. Throws when it could not, or does no longer.
  package var listeningPort: Int {
    get async throws {
      guard let bound = await server.transport.listeningAddress else {
        throw Failure(.unavailable, "NOT_LISTENING", "the server does not listen on \(address)")
      }
      return bound.ipv4?.port ?? bound.ipv6?.port ?? 0
    }
  }

  /// Serves until a graceful shutdown has ended every call. Once only.
  package func run() async throws {
    do {
      try await withGracefulShutdownHandler {
        try await serve()
      } onGracefulShutdown: {
        self.beginGracefulShutdown()
      }
    } catch let error as RuntimeError where error.code == .serverIsStopped && health.isShuttingDown {
      // The shutdown came before the start.
    } catch let error as RuntimeError where error.code == .transportError && !Task.isCancelled {
      let cause = (error.cause as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? error.message
      throw Failure(.preconditionFailed, "LISTEN_FAILED", "cannot listen on \(address): \(cause)")
    }
  }

  /// Takes no new calls, tells health watchers, and gives running calls the grace time to end.
  package func beginGracefulShutdown() {
    health.beginShutdown()
    server.beginGracefulShutdown()
  }

  /// Serves, and ends what is in force no longer while it does.
  private func serve() async throws {
    try await withThrowingTaskGroup { group in
      group.addTask { await self.access.run() }
      defer { group.cancelAll() }
      try await server.serve()
    }
  }

  /// What gRPC's transport can bound; `gate` is given each call's channel and bounds the rest.
  private static func configuration(
    gate: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) -> HTTP2ServerTransport.Custom<ConnectionListener>.Config {
    var config = HTTP2ServerTransport.Custom<ConnectionListener>.Config.defaults
    config.http2.targetWindowSize = RPCLimits.windowBytes
    config.http2.maxFrameSize = RPCLimits.frameBytes
    config.http2.maxConcurrentStreams = RPCLimits.concurrentStreams
    // Named for debugging, but the only place where a handler can be put before gRPC's own.
    config.channelDebuggingCallbacks.onAcceptHTTP2Stream = gate
    config.rpc.maxRequestPayloadSize = RPCLimits.requestBytes
    config.connection.maxIdleTime = .seconds(RPCLimits.idleSeconds)
    config.connection.maxGraceTime = .seconds(RPCLimits.graceSeconds)
    config.connection.keepalive = .init(
      time: .seconds(RPCLimits.keepaliveSeconds), timeout: .seconds(RPCLimits.keepaliveTimeoutSeconds),
      clientBehavior: .init(
        minPingIntervalWithoutCalls: .seconds(RPCLimits.clientKeepaliveSeconds), allowWithoutCalls: true))
    return config
  }
}
