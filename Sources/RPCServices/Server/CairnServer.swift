import GRPCCore
import GRPCNIOTransportHTTP2Posix
package import Logging
package import Ordering
import Primitives
package import Queries
import ServiceLifecycle
import WireRPC

/// The gRPC server: every service of this node on one port.
package final class CairnServer: Service {
  /// What the server says about itself; tell it when the writer starts or stops.
  package let health: ServerHealth
  private let address: ListenAddress
  private let server: GRPCServer<HTTP2ServerTransport.Posix>

  /// A server that does not listen yet. Reads the TLS files; refuses plaintext on an address others can reach.
  package init(
    address: ListenAddress, protection: TransportProtection, orderer: Orderer, queries: Queries, logger: Logger
  ) throws {
    let health = ServerHealth { orderer.isServing }
    let disclosure = Disclosure(logger: logger)
    let reflector = Reflector(index: try DescriptorIndex(base64: fileDescriptorSetBase64))
    self.health = health
    self.address = address
    server = GRPCServer(
      transport: .init(
        address: address.socketAddress, transportSecurity: try protection.security(on: address),
        config: Self.configuration),
      services: [
        LedgerHandlers(orderer: orderer, queries: queries, disclosure: disclosure, health: health),
        ProvenanceHandlers(queries: queries),
        AuditHandlers(queries: queries),
        HealthHandlers(health: health),
        ReflectionHandlers(reflector: reflector),
      ],
      // What an interceptor throws is UNKNOWN to the one around it, so failures are mapped innermost.
      interceptors: [TimingInterceptor(), FailureInterceptor(disclosure: disclosure)])
  }

  /// The port it listens on, once it does. Throws when it could not, or does no longer.
  package var listeningPort: Int {
    get async throws {
      let address = try await server.transport.listeningAddress
      return address.ipv4?.port ?? address.ipv6?.port ?? 0
    }
  }

  /// Serves until a graceful shutdown has ended every call. Once only.
  package func run() async throws {
    do {
      try await withGracefulShutdownHandler {
        try await server.serve()
      } onGracefulShutdown: {
        self.beginGracefulShutdown()
      }
    } catch let error as RuntimeError where error.code == .serverIsStopped && health.isShuttingDown {
      // The shutdown came before the start.
    } catch let error as RuntimeError where error.code == .transportError && !Task.isCancelled {
      let cause = error.cause.map { "\($0)" } ?? error.message
      throw Failure(.preconditionFailed, "LISTEN_FAILED", "cannot listen on \(address): \(cause)")
    }
  }

  /// Takes no new calls, tells health watchers, and gives running calls the grace time to end.
  package func beginGracefulShutdown() {
    health.beginShutdown()
    server.beginGracefulShutdown()
  }

  private static var configuration: HTTP2ServerTransport.Posix.Config {
    .defaults {
      $0.http2.targetWindowSize = RPCLimits.windowBytes
      $0.http2.maxFrameSize = RPCLimits.frameBytes
      $0.http2.maxConcurrentStreams = RPCLimits.concurrentStreams
      $0.rpc.maxRequestPayloadSize = RPCLimits.requestBytes
      $0.connection.maxIdleTime = .seconds(RPCLimits.idleSeconds)
      $0.connection.maxGraceTime = .seconds(RPCLimits.graceSeconds)
      $0.connection.keepalive = .init(
        time: .seconds(RPCLimits.keepaliveSeconds), timeout: .seconds(RPCLimits.keepaliveTimeoutSeconds),
        clientBehavior: .init(
          minPingIntervalWithoutCalls: .seconds(RPCLimits.clientKeepaliveSeconds), allowWithoutCalls: true))
    }
  }
}
