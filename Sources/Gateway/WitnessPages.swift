import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import Primitives
import Witnesses

/// A witness as C2SP tlog-witness serves it: `POST /add-checkpoint`, `/<SHA-256 of an origin>/checkpoint`; and its vkey at
/// `/witness`.
struct WitnessPages: Sendable {
  static let addCheckpoint = "/add-checkpoint"
  /// How long a request's body may take.
  private static let bodySeconds = 10

  private let desk: WitnessDesk

  init(_ desk: WitnessDesk) { self.desk = desk }

  /// The answer to a GET request; nil where no page of the witness has that path.
  func response(to path: Substring) -> Response? {
    if path == "witness" { return Response(.ok, text: "\(desk.verifierKey)\n") }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1] == "checkpoint", parts[0].utf8.count == 2 * Digest.byteCount else { return nil }
    guard let note = desk.note(ofHash: String(parts[0])) else {
      return Response(.notFound, text: "nothing was cosigned of a log with that hash\n")
    }
    var response = Response(.ok, text: note)
    response.headers[.cacheControl] = "no-cache"
    return response
  }

  /// The answer to a checkpoint that somebody brings.
  func add(_ request: Request) async -> Response {
    switch await Self.body(of: request) {
    case .failure(let refusal): return refusal.response
    case .success(let body):
      do throws(Failure) { return Response(.ok, text: try await desk.cosign(body)) } catch {
        return Self.response(error)
      }
    }
  }

  private static func response(_ failure: Failure) -> Response {
    var response =
      switch (failure.kind, failure.metadata["size"]) {
      case (.conflict, let size?): Response(.conflict, text: "\(size)\n", type: "text/x.tlog.size")
      case (.unauthenticated, _): Response(.forbidden, text: "\(failure.message)\n")
      case (.preconditionFailed, _): Response(.unprocessableContent, text: "\(failure.message)\n")
      case (.exhausted, _): Response(.tooManyRequests, text: "\(failure.message)\n")
      case (.unavailable, _): Response(.serviceUnavailable, text: "\(failure.reason): the node's log says more\n")
      default: Response(failure)
      }
    if let milliseconds = failure.retryAfterMilliseconds {
      response.headers[.retryAfter] = "\((milliseconds + 999) / 1_000)"
    }
    return response
  }

  private struct Refusal: Error {
    let response: Response

    init(_ status: HTTPResponse.Status, _ text: String) {
      var response = Response(status, text: text)
      response.headers[.connection] = "close"
      self.response = response
    }
  }

  private static func body(of request: Request) async -> Result<[UInt8], Refusal> {
    let tooLarge = Refusal(.contentTooLarge, "at most \(WitnessDesk.maxByteCount) bytes\n")
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > WitnessDesk.maxByteCount {
      return .failure(tooLarge)
    }
    let start = ContinuousClock.now
    var body: [UInt8] = []
    do {
      for try await part in request.body {
        guard body.count + part.readableBytes <= WitnessDesk.maxByteCount else { return .failure(tooLarge) }
        guard start.duration(to: .now) < .seconds(bodySeconds) else {
          return .failure(Refusal(.requestTimeout, "a request comes within \(bodySeconds) s\n"))
        }
        body.append(contentsOf: part.readableBytesView)
      }
    } catch { return .failure(Refusal(.badRequest, "the request broke off\n")) }
    return .success(body)
  }
}
