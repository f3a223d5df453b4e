package import GRPCCore
package import GRPCProtobuf
package import Primitives

extension Failure.Kind {
  /// The gRPC status code of this kind.
  package var code: RPCError.Code {
    switch self {
    case .malformed: .invalidArgument
    case .unauthenticated: .unauthenticated
    case .forbidden: .permissionDenied
    case .notFound: .notFound
    case .alreadyExists: .alreadyExists
    case .conflict: .aborted
    case .preconditionFailed: .failedPrecondition
    case .outOfRange: .outOfRange
    case .exhausted: .resourceExhausted
    case .unavailable: .unavailable
    case .corrupt: .dataLoss
    case .bug: .internalError
    }
  }
}

extension Failure {
  /// The domain of every reason, as in google.rpc.ErrorInfo.
  package static let domain = "cairn.v1"

  /// The failure as google.rpc.Status: ErrorInfo always, BadRequest when fields are at fault, RetryInfo where a retry helps.
  package var status: GoogleRPCStatus {
    let bounded = boundedForTrailers
    var details = [ErrorDetails.errorInfo(reason: reason, domain: Self.domain, metadata: bounded.metadata)]
    if !bounded.violations.isEmpty {
      details.append(
        .badRequest(violations: bounded.violations.map { .init(field: $0.field, description: $0.description) }))
    }
    if let milliseconds = retryDelayMilliseconds {
      details.append(.retryInfo(delay: .milliseconds(milliseconds)))
    }
    return GoogleRPCStatus(code: kind.code, message: bounded.message, details: details)
  }

  /// How long a client should wait before it tries again; nil where that cannot help.
  package var retryDelayMilliseconds: Int? {
    retryAfterMilliseconds.map { max($0, 0) } ?? (kind == .unavailable ? RPCLimits.retryMilliseconds : nil)
  }

  /// The same failure, cut to what every client accepts in trailers; the first violations and metadata keys stay.
  package var boundedForTrailers: Failure {
    var bounded = self
    var room = RPCLimits.statusDetailsBytes
    bounded.message = message.prefix(utf8Bytes: RPCLimits.statusMessageBytes)
    bounded.metadata = [:]
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let value = value.prefix(utf8Bytes: RPCLimits.statusDetailBytes)
      room -= key.utf8.count + value.utf8.count
      guard room >= 0 else { break }
      bounded.metadata[key] = value
    }
    bounded.violations = []
    for violation in violations {
      let cut = Violation(
        field: violation.field.prefix(utf8Bytes: RPCLimits.statusDetailBytes),
        description: violation.description.prefix(utf8Bytes: RPCLimits.statusDetailBytes))
      room -= cut.field.utf8.count + cut.description.utf8.count
      guard room >= 0 else { break }
      bounded.violations.append(cut)
    }
    return bounded
  }
}

extension String {
  /// The text when it has at most `limit` bytes, else its beginning and an ellipsis, never half a character.
  fileprivate func prefix(utf8Bytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    let ellipsis = "…"
    var end = utf8.index(startIndex, offsetBy: limit - ellipsis.utf8.count)
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return self[..<end] + ellipsis
  }
}
