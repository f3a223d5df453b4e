import GRPCCore
import GRPCProtobuf
import NIOCore
import NIOHPACK
import Primitives

/// How long a call of one request message waits for it: as long as its client waits for the answer, ten seconds at most,
/// and longer only for a message that keeps coming.
struct RequestWait {
  private static let paths = Set(
    RPCPermissions.table.keys.filter { $0.type?.isRequestStreaming == false }.map { "/\($0.fullyQualifiedMethod)" })

  private let begin = NIODeadline.now()
  private let timeout: TimeAmount?

  /// Nil where the call is a stream of requests, or of a method that there is not.
  init?(_ headers: HPACKHeaders) {
    guard let path = headers.first(name: ":path"), Self.paths.contains(path) else { return nil }
    timeout = headers.first(name: "grpc-timeout").flatMap(CallDeadline.duration).map { TimeAmount($0) }
  }

  /// When it ends, if that many bytes of the message have come.
  func end(after bytes: Int) -> NIODeadline {
    let patience = TimeAmount.seconds(Int64(RPCLimits.requestSeconds + bytes / RPCLimits.requestBytesPerSecond))
    return begin + min(patience, timeout ?? patience)
  }

  /// What the client is told then.
  var error: RPCError {
    let message =
      "the request message did not come in time; it has \(RPCLimits.requestSeconds) s, one more for each "
      + "\(RPCLimits.requestBytesPerSecond) bytes that came, and no longer than the call's deadline"
    return RPCError(
      GoogleRPCStatus(
        code: .deadlineExceeded, message: message,
        details: [.errorInfo(reason: "REQUEST_TOO_SLOW", domain: Failure.domain, metadata: [:])]))
  }
}
