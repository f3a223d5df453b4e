import GRPCCore
import Testing

@testable import RPCServices

@Suite struct CallLifetimeTests {
  private let context = ServerContext(
    descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "M"), remotePeer: "", localPeer: "",
    cancellation: .init())

  /// Ends only when its task is cancelled.
  @concurrent private static func waitForCancellation() async {
    let (never, _) = AsyncStream.makeStream(of: Void.self)
    for await _ in never {}
  }

  @Test func anOperationThatEndsGivesItsResult() async throws {
    let result = try await whileCallLasts(context) { 7 }
    #expect(result == 7)
  }

  @Test func aCancelledCallCancelsTheOperation() async {
    await #expect(throws: CancellationError.self) {
      try await whileCallLasts(context) {
        context.cancellation.cancel()
        await Self.waitForCancellation()
        try Task.checkCancellation()
      }
    }
  }

  @Test func aShutdownLetsADrainingOperationFinish() async throws {
    let health = ServerHealth { true }
    let result = try await whileCallLasts(context, drainingOnShutdown: health) {
      health.beginShutdown()
      context.cancellation.cancel()
      try await context.cancellation.cancelled
      return "drained"
    }
    #expect(result == "drained")
  }

  @Test func aClientThatHangsUpIsNotDrainedFor() async {
    let health = ServerHealth { true }
    await #expect(throws: CancellationError.self) {
      try await whileCallLasts(context, drainingOnShutdown: health) {
        context.cancellation.cancel()
        await Self.waitForCancellation()
        try Task.checkCancellation()
      }
    }
  }
}
