import HTTPTypes
package import HummingbirdCore
package import Logging
import Merkle
import Primitives
package import Queries

/// The log as C2SP tlog-tiles serves it: `/checkpoint`, `/tile/<L>/<N>[.p/<W>]` and `/tile/entries/<N>[.p/<W>]`. What is
/// in there names authors and times, never what was recorded.
package struct LogPages: HTTPPages {
  private let queries: Queries
  private let logger: Logger

  /// Pages of the log that `queries` answers from.
  package init(queries: Queries, logger: Logger) {
    self.queries = queries
    self.logger = logger
  }

  /// The answer to a request.
  package func response(to request: Request) async -> Response {
    let path = request.uri.path.dropFirst()
    if path == "checkpoint" {
      var response = Response(.ok, text: queries.checkpointNote)
      response.headers[.cacheControl] = "no-cache"
      return response
    }
    guard path.hasPrefix("tile/") else {
      return Response(.notFound, text: "/checkpoint, /tile/<L>/<N>[.p/<W>] and /tile/entries/<N>[.p/<W>] are here\n")
    }
    do throws(Failure) {
      let path = try TilePath(String(path))
      return Response(try await queries.tile(path), type: "application/octet-stream", isImmutable: true)
    } catch {
      if error.kind == .corrupt || error.kind == .bug { logger.error("\(request.uri.path): \(error)") }
      return Response(error)
    }
  }
}
