import GRPCCore
import Primitives

/// Marks every answer of a node that certifies nothing more, because somebody signed another log than it has: leading metadata
/// `cairn-stopped: DIVERGED`.
struct StandingInterceptor: ServerInterceptor {
  /// Why it does not; nil while it does.
  let stop: @Sendable () -> Failure?

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    guard let stop = stop() else { return try await next(request, context) }
    var contents = try await next(request, context).accepted.get()
    contents.metadata.addString(stop.reason, forKey: "cairn-stopped")
    return StreamingServerResponse(accepted: .success(contents))
  }
}
