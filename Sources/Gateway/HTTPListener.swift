import HTTPTypes
package import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Primitives
import ServiceLifecycle

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is to be found at some address.
package protocol HTTPPages: Sendable {
  /// The answer to a GET request.
  func response(to request: Request) async -> Response
  /// The answer to a POST request; nil where nothing is taken.
  func response(toPost request: Request) async -> Response?
}

extension HTTPPages {
  /// Pages are read only, unless they say otherwise.
  package func response(toPost request: Request) async -> Response? { nil }
}

/// Answers HTTP/1.1 requests without TLS, for as long as the node runs.
package final class HTTPListener: Service {
  private static let maxConnections = 64
  private static let idleSeconds: Int64 = 30

  private let host: String
  private let port: Int
  private let purpose: String
  private let logger: Logger
  private let pages: any HTTPPages
  private let onListening: @Sendable (Int) -> Void

  /// Listens on an IP address of this machine for the sake of `purpose`, a word for failures. `onListening` is told the
  /// port, which is not the one given where that is 0.
  package init(
    host: String, port: Int, purpose: String, logger: Logger, pages: some HTTPPages,
    onListening: @escaping @Sendable (Int) -> Void
  ) {
    self.host = host
    self.port = port
    self.purpose = purpose
    self.logger = logger
    self.pages = pages
    self.onListening = onListening
  }

  /// Serves until a graceful shutdown; fails with LISTEN_FAILED.
  package func run() async throws {
    var http = HTTP1Channel.Configuration(idleTimeout: .seconds(Self.idleSeconds))
    http.httpDecoder = .init(maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 64)
    var logger = logger
    logger.logLevel = .error
    let server = try HTTPServerBuilder.http1(configuration: http).buildServer(
      configuration: ServerConfiguration(
        address: .hostname(host, port: port),
        availableConnectionsDelegate: .maximum(Self.maxConnections, logger: logger)),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
    ) { [pages] request, writer, _ in
      let response = await Self.response(to: request, pages)
      try await writer.write(response: response.head, body: response.body)
      // What a client goes on sending after it was refused is not read.
      if response.headers[.connection] == "close" { throw CancellationError() }
    } onServerRunning: { [onListening] channel in
      onListening(channel.localAddress?.port ?? 0)
    }
    do { try await server.run() } catch let error as IOError {
      throw Failure(
        .preconditionFailed, "LISTEN_FAILED",
        "cannot serve \(purpose) on \(host):\(port): \(String(cString: strerror(error.errnoCode)))")
    }
  }

  private static func response(to request: Request, _ pages: any HTTPPages) async -> Response {
    switch request.method {
    case .get: return await pages.response(to: request)
    case .head: return await pages.response(to: request).createHeadResponse()
    case .post:
      if let response = await pages.response(toPost: request) { return response }
      fallthrough
    default:
      var response = Response(.methodNotAllowed, text: "GET or HEAD\n")
      response.headers[.allow] = "GET, HEAD"
      return response
    }
  }
}
