import GRPCCore

/// Runs `operation` and cancels its task when the call ends early: the client hung up, its deadline passed, or the server
/// is shutting down. gRPC itself only raises a flag in the context.
///
/// Given the server's health, a shutdown lets the operation finish; only the client can end it early.
func whileCallLasts<Result: Sendable>(
  _ context: ServerContext, drainingOnShutdown health: ServerHealth? = nil,
  _ operation: @escaping @Sendable @concurrent () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await context.cancellation.cancelled
      guard let health, health.isShuttingDown else { throw CancellationError() }
      return nil
    }
    defer { group.cancelAll() }
    while let outcome = try await group.next() {
      if let outcome { return outcome }
    }
    throw CancellationError()
  }
}
