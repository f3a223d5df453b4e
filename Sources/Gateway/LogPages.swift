import HTTPTypes
package import HummingbirdCore
package import Logging
import Merkle
package import Primitives
package import Queries
package import Witnesses

/// The log as C2SP tlog-tiles serves it: `/checkpoint`, `/tile/<L>/<N>[.p/<W>]` and `/tile/entries/<N>[.p/<W>]`. What is
/// in there names authors and times, never what was recorded. Beside it, where the node is one, the witness of other logs.
package struct LogPages: HTTPPages {
  private let queries: Queries
  private let witness: WitnessPages?
  private let stop: @Sendable () -> Failure?
  private let logger: Logger

  /// Pages of the log that `queries` answers from, and of a witness. `stop` says why the node certifies nothing more, nil
  /// while it does: the checkpoint is then marked, as answers over gRPC are.
  package init(
    queries: Queries, witness: WitnessDesk? = nil, stop: @escaping @Sendable () -> Failure? = { nil }, logger: Logger
  ) {
    self.queries = queries
    self.witness = witness.map(WitnessPages.init)
    self.stop = stop
    self.logger = logger
  }

  /// The answer to a request.
  package func response(to request: Request) async -> Response {
    let path = request.uri.path.dropFirst()
    if path == "checkpoint" {
      var response = Response(.ok, text: queries.checkpointNote)
      response.headers[.cacheControl] = "no-cache"
      if let stop = stop(), let mark = HTTPField.Name("cairn-stopped") { response.headers[mark] = stop.reason }
      return response
    }
    if let response = witness?.response(to: path) { return response }
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

  /// A witness takes checkpoints of other logs.
  package func response(toPost request: Request) async -> Response? {
    guard let witness, request.uri.path == WitnessPages.addCheckpoint else { return nil }
    return await witness.add(request)
  }
}
