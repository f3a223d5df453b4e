import GRPCCore

/// When the client of a call gives up, as it said at the beginning.
enum CallDeadline {
  /// Of the call that is being answered; nil where the client waits for as long as it takes.
  @TaskLocal static var current: ContinuousClock.Instant?

  /// How long an answer may be held back for finality: until a little before the client gives up, ten seconds at most.
  static var finality: ContinuousClock.Instant {
    let latest = ContinuousClock.now + .seconds(RPCLimits.finalitySeconds)
    return current.map { min($0 - .milliseconds(RPCLimits.deadlineMarginMilliseconds), latest) } ?? latest
  }

  /// The duration of a `grpc-timeout` header, which has at most eight digits and a unit; nil for anything else.
  static func duration(_ timeout: String) -> Duration? {
    guard (2...9).contains(timeout.utf8.count), timeout.utf8.dropLast().allSatisfy({ (0x30...0x39).contains($0) }),
      let unit = timeout.last, let value = Int64(timeout.dropLast())
    else { return nil }
    switch unit {
    case "H": return .seconds(value * 3_600)
    case "M": return .seconds(value * 60)
    case "S": return .seconds(value)
    case "m": return .milliseconds(value)
    case "u": return .microseconds(value)
    case "n": return .nanoseconds(value)
    default: return nil
    }
  }
}

/// Tells handlers when the client gives up, as `CallDeadline.current`.
struct DeadlineInterceptor: ServerInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    var timeouts = request.metadata[stringValues: "grpc-timeout"].makeIterator()
    guard let timeout = timeouts.next().flatMap(CallDeadline.duration) else { return try await next(request, context) }
    let deadline = ContinuousClock.now + timeout
    var contents = try await CallDeadline.$current.withValue(deadline) {
      try await next(request, context).accepted.get()
    }
    let producer = contents.producer
    contents.producer = { writer in
      try await CallDeadline.$current.withValue(deadline) { try await producer(writer) }
    }
    return StreamingServerResponse(accepted: .success(contents))
  }
}
