import GRPCCore
import Synchronization

/// Counts calls, and says in each answer's trailing metadata how long the server took, as HTTP's Server-Timing does: `server-timing:
/// total;dur=1.234`, in milliseconds from the request's arrival at the handler to the last message of the answer.
final class TimingInterceptor: ServerInterceptor {
  private let count = Atomic<UInt64>(0)

  /// Calls since the start.
  var callCount: UInt64 { count.load(ordering: .relaxed) }

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    count.add(1, ordering: .relaxed)
    let start = ContinuousClock.now
    var contents = try await next(request, context).accepted.get()
    let producer = contents.producer
    contents.producer = { writer in
      var trailers = try await producer(writer)
      let microseconds = Int((ContinuousClock.now - start) / .microseconds(1))
      trailers.addString("total;dur=\(Double(microseconds) / 1_000)", forKey: "server-timing")
      return trailers
    }
    return StreamingServerResponse(accepted: .success(contents))
  }
}
