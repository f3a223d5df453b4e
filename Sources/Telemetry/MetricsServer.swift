import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Primitives
import ServiceLifecycle

/// Serves a page of figures at `/metrics`, and nothing else, over HTTP/1.1 without TLS.
package final class MetricsServer: Service {
  private static let maxConnections = 16
  private static let idleSeconds: Int64 = 30

  private let host: String
  private let port: Int
  private let logger: Logger
  private let page: @Sendable () -> String
  private let onListening: @Sendable (Int) -> Void

  /// Serves what `page` gives for each request, on an IP address of this machine. `onListening` is told the port, which is
  /// not the one given where that is 0.
  package init(
    host: String, port: Int, logger: Logger, page: @escaping @Sendable () -> String,
    onListening: @escaping @Sendable (Int) -> Void
  ) {
    self.host = host
    self.port = port
    self.logger = logger
    self.page = page
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
    ) { [page] request, writer, _ in
      let response = Self.response(to: request, page)
      try await writer.write(response: response.head, body: response.body)
    } onServerRunning: { [onListening] channel in
      onListening(channel.localAddress?.port ?? 0)
    }
    do { try await server.run() } catch let error as IOError {
      throw Failure(
        .preconditionFailed, "LISTEN_FAILED", "cannot serve metrics on \(host):\(port): \(error.localizedDescription)")
    }
  }

  private static func response(to request: Request, _ page: () -> String) -> Response {
    guard request.uri.path == "/metrics" else { return text(.notFound, "only /metrics is here\n") }
    switch request.method {
    case .get: return text(.ok, page(), type: Exposition.contentType)
    case .head: return text(.ok, page(), type: Exposition.contentType).createHeadResponse()
    default:
      var response = text(.methodNotAllowed, "GET or HEAD\n")
      response.headers[.allow] = "GET, HEAD"
      return response
    }
  }

  private static func text(
    _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
