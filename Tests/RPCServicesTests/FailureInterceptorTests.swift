import GRPCCore
import Primitives
import Testing

@testable import RPCServices

@Suite struct FailureInterceptorTests {
  private struct Discard: RPCWriterProtocol {
    func write(_ element: String) async throws {}
    func write(contentsOf elements: some Sequence<String>) async throws {}
  }

  private let interceptor = FailureInterceptor(disclosure: Disclosure(logger: LogRecorder().logger) { false })
  private let failure = Failure(.conflict, "SEQUENCE_GAP", "expected 7")

  private func intercept(
    _ handler: @escaping @Sendable @concurrent () async throws -> StreamingServerResponse<String>
  ) async throws -> StreamingServerResponse<String> {
    let context = ServerContext(
      descriptor: MethodDescriptor(fullyQualifiedService: "s", method: "M"), remotePeer: "", localPeer: "",
      cancellation: .init())
    let messages = RPCAsyncSequence<String, any Error>(wrapping: AsyncThrowingStream { $0.finish() })
    let request = StreamingServerRequest(metadata: [:], messages: messages)
    return try await interceptor.intercept(request: request, context: context) { _, _ in try await handler() }
  }

  @Test func aHandlerThatThrowsBeforeItsAnswer() async {
    let error = await #expect(throws: RPCError.self) { try await intercept { throw failure } }
    #expect(error?.code == .aborted)
  }

  @Test func aHandlerThatThrowsWhileItsAnswerStreams() async throws {
    let response = try await intercept { StreamingServerResponse { _ in throw failure } }
    let producer = try response.accepted.get().producer
    let error = await #expect(throws: RPCError.self) { try await producer(RPCWriter(wrapping: Discard())) }
    #expect(error?.code == .aborted)
  }

  @Test func whatSucceedsPassesThrough() async throws {
    let response = try await intercept { StreamingServerResponse { _ in ["trailing": "kept"] } }
    let trailing = try await response.accepted.get().producer(RPCWriter(wrapping: Discard()))
    #expect(trailing == ["trailing": "kept"])
  }
}
