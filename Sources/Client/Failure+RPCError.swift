import GRPCCore
import GRPCProtobuf
import Primitives
import Wire

extension Failure {
  /// What went wrong in a call to `server`, whoever says so.
  init(anyError error: any Error, server: ServerAddress) {
    switch error {
    case let failure as Failure: self = failure
    case let error as RPCError: self = Failure(error, server: server)
    case is CancellationError: self = Failure(.unavailable, "CANCELLED", "interrupted")
    default: self = Failure(.bug, "UNEXPECTED_ERROR", "\(error)")
    }
  }

  /// What a call answered: the server's own reason, fields and facts where it gave them.
  init(_ error: RPCError, server: ServerAddress) {
    if let status = try? error.unpackGoogleRPCStatus(), let info = status.details.firstNonNil(\.errorInfo) {
      self.init(
        Kind(status.code), info.reason, status.message,
        violations: (status.details.firstNonNil(\.badRequest)?.violations ?? []).map {
          Violation(field: $0.field, description: $0.violationDescription)
        },
        metadata: info.metadata,
        retryAfterMilliseconds: (status.details.firstNonNil(\.retryInfo)?.delay).map(Self.milliseconds))
    } else if error.code == .unavailable {
      self = .unreachable(server, because: Self.deepestCause(of: error))
    } else {
      self.init(Kind(error.code), Self.reason(error.code), "\(server) answered: \(error.message)")
    }
  }

  /// Why a batch of a stream was refused.
  init(_ error: Cairn_V1_SubmitError) {
    let code = Status.Code(rawValue: Int(clamping: error.code)).flatMap { RPCError.Code($0) }
    self.init(
      code.map { Kind($0) } ?? .bug, error.reason, error.message,
      violations: error.violations.map { Violation(field: $0.field, description: $0.description_p) },
      metadata: error.metadata,
      retryAfterMilliseconds: error.retryAfterMilliseconds == 0 ? nil : Int(error.retryAfterMilliseconds))
  }

  private static func unreachable(_ server: ServerAddress, because cause: String) -> Failure {
    let signs = ["CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate", "failedToValidateHostname"]
    if signs.contains(where: cause.contains) {
      return Failure(
        .unavailable, "SERVER_NOT_TRUSTED",
        "the certificate of \(server) leads to none that is trusted here, or names another host; --ca names a PEM file "
          + "to trust, for example tls/cert.pem of the server's data directory, and --server-name the host it is for")
    }
    let isRefused = cause.contains("Connection refused")
    return Failure(
      .unavailable, "SERVER_UNREACHABLE",
      "cannot reach \(server): \(isRefused ? "connection refused; is a server running there?" : cause)")
  }

  private static func deepestCause(of error: RPCError) -> String {
    var deepest = error
    while let next = deepest.cause as? RPCError { deepest = next }
    guard let cause = deepest.cause else { return deepest.message }
    return "\(cause)"
  }

  private static func reason(_ code: RPCError.Code) -> String {
    "\(code)".reduce(into: "") { reason, character in
      if character.isUppercase { reason.append("_") }
      reason += character.uppercased()
    }
  }

  private static func milliseconds(_ duration: Duration) -> Int {
    Int(clamping: duration.components.seconds) * 1_000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
  }
}

extension Failure.Kind {
  /// The kind that a status code stands for.
  init(_ code: RPCError.Code) {
    self =
      switch code {
      case .invalidArgument: .malformed
      case .unauthenticated: .unauthenticated
      case .permissionDenied: .forbidden
      case .notFound: .notFound
      case .alreadyExists: .alreadyExists
      case .aborted: .conflict
      case .failedPrecondition, .unimplemented: .preconditionFailed
      case .outOfRange: .outOfRange
      case .resourceExhausted: .exhausted
      case .unavailable, .deadlineExceeded, .cancelled: .unavailable
      case .dataLoss: .corrupt
      default: .bug
      }
  }
}

extension [ErrorDetails] {
  fileprivate func firstNonNil<Value>(_ detail: KeyPath<ErrorDetails, Value?>) -> Value? {
    lazy.compactMap { $0[keyPath: detail] }.first
  }
}
