package import GRPCCore
package import Logging
package import Primitives
import SwiftProtobuf

/// What a client may know about an error. The rest goes to the log, under a random incident id that both sides see.
package struct Disclosure: Sendable {
  private let logger: Logger
  private let isShuttingDown: @Sendable () -> Bool

  /// Writes what clients must not see to `logger`. `isShuttingDown` says whether the server is what ends calls now.
  package init(logger: Logger, isShuttingDown: @escaping @Sendable () -> Bool) {
    self.logger = logger
    self.isShuttingDown = isShuttingDown
  }

  /// The failure as a client may see it: a bug becomes an incident; damaged data is also logged.
  package func failure(for failure: Failure, method: String) -> Failure {
    switch failure.kind {
    case .bug:
      return incident(failure, method: method)
    case .corrupt:
      logger.error("damaged data", metadata: ["method": "\(method)", "failure": "\(failure)"])
      return failure
    default:
      return failure
    }
  }

  /// Any error a call ended with, as its status. `request` is the message the client had to send.
  package func rpcError(for error: any Error, method: String, request: String) -> RPCError {
    switch error {
    case let failure as Failure:
      RPCError(self.failure(for: failure, method: method).status)
    case let error as RPCError where error.cause is BinaryDecodingError || error.cause is SwiftProtobufError:
      RPCError(Self.malformedProtobuf(request).status)
    case let error as RPCError where error.cause is BinaryEncodingError:
      RPCError(incident(error, method: method).status)
    case let error as RPCError:
      // gRPC wraps what an inner interceptor threw as UNKNOWN. The rest is in gRPC's own words: a stream that was reset, a
      // second message where one is due.
      if error.code == .unknown, let cause = error.cause {
        rpcError(for: cause, method: method, request: request)
      } else {
        error
      }
    case is CancellationError:
      ending
    default:
      RPCError(incident(error, method: method).status)
    }
  }

  /// Why a call was cancelled. gRPC's timer for the deadline runs a little before ours.
  private var ending: RPCError {
    let deadline = CallDeadline.current
    if isShuttingDown(), deadline.map({ ContinuousClock.now < $0 }) ?? true {
      return RPCError(
        Failure(.unavailable, "SHUTTING_DOWN", "the server ended the call because it is shutting down; try again")
          .status)
    }
    return deadline == nil
      ? RPCError(code: .cancelled, message: "the client ended the call")
      : RPCError(code: .deadlineExceeded, message: "the call's deadline has passed")
  }

  private static func malformedProtobuf(_ request: String) -> Failure {
    Failure(
      .malformed, "MALFORMED_PROTOBUF", "the request is not a serialized \(request)",
      violations: [.init(field: "", description: "must be a serialized \(request)")])
  }

  private func incident(_ error: any Error, method: String) -> Failure {
    let id = Hex.encode(withUnsafeBytes(of: UInt64.random(in: .min ... .max), Array.init))
    logger.error(
      "incident", metadata: ["incident": "\(id)", "method": "\(method)", "error": "\(String(reflecting: error))"])
    return Failure(
      .bug, "INTERNAL", "internal error; the server's log has the details under incident \(id)",
      metadata: ["incident": id])
  }
}
