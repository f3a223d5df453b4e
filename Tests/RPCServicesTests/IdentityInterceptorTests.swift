import Consortium
import GRPCCore
import Primitives
import Signing
import Testing
import Tokens
import WireRPC

@testable import RPCServices

@Suite struct IdentityInterceptorTests {
  private struct Discard: RPCWriterProtocol {
    func write(_ element: String) async throws {}
    func write(contentsOf elements: some Sequence<String>) async throws {}
  }

  private var consortium: TestConsortium
  private let key: PrivateKey
  private let access: AccessControl
  private let connections = ConnectionRegistry()

  init() throws {
    consortium = try TestConsortium()
    key = try consortium.register(.operator)
    access = AccessControl(views: consortium.views, connections: connections) { TestConsortium.start }
    let number = try #require(connections.admit(peer: "ipv4:192.0.2.1:7", host: "192.0.2.1") {})
    connections.identify(
      number, by: PresentedCertificate(keyID: key.publicKey.id, notBefore: .earliest, notAfter: .latest))
  }

  /// A call as gRPC would make it, with the failure interceptor around.
  private func call(
    peer: String = "ipv4:192.0.2.1:7", metadata: Metadata = [:],
    method: MethodDescriptor = Cairn_V1_LedgerService.Method.WatchLog.descriptor,
    _ handler: @escaping @Sendable @concurrent () async throws -> StreamingServerResponse<String>
  ) async throws -> StreamingServerResponse<String> {
    let context = ServerContext(descriptor: method, remotePeer: peer, localPeer: "", cancellation: .init())
    let messages = RPCAsyncSequence<String, any Error>(wrapping: AsyncThrowingStream { $0.finish() })
    let inner = IdentityInterceptor(access: access, connections: connections)
    let outer = FailureInterceptor(disclosure: Disclosure(logger: LogRecorder().logger) { false })
    let request = StreamingServerRequest(metadata: metadata, messages: messages)
    return try await outer.intercept(request: request, context: context) { request, context in
      do {
        return try await inner.intercept(request: request, context: context) { _, _ in try await handler() }
      } catch let error as RPCError {
        return StreamingServerResponse(error: error)
      } catch {
        return StreamingServerResponse(error: RPCError(code: .unknown, message: "", cause: error))
      }
    }
  }

  private static func id() -> KeyID? {
    if case .key(let key) = Caller.current { key.publicKey.id } else { nil }
  }

  @Test func theHandlerAndItsAnswerKnowWhoAsks() async throws {
    let response = try await call {
      let asked = Self.id()
      return StreamingServerResponse { _ in ["asked": "\(asked == Self.id())", "by": "\(Self.id()?.description ?? "")"]
      }
    }
    let trailing = try await response.accepted.get().producer(RPCWriter(wrapping: Discard()))
    #expect(trailing == ["asked": "true", "by": "\(key.publicKey.id)"])
    #expect(Self.id() == nil)
  }

  @Test func anotherConnectionIsAnyone() async throws {
    let method = Cairn_V1_LedgerService.Method.GetLedger.descriptor
    let response = try await call(peer: "ipv4:192.0.2.1:8", method: method) {
      StreamingServerResponse { _ in ["by": "\(Self.id()?.description ?? "")"] }
    }
    #expect(try await response.accepted.get().producer(RPCWriter(wrapping: Discard())) == ["by": ""])
  }

  @Test(arguments: [[:], ["authorization": "Basic x"], ["authorization": "Bearer x"]] as [Metadata])
  func whoIsRefusedNeverReachesTheHandler(metadata: Metadata) async throws {
    let error = await #expect(throws: RPCError.self) {
      try await call(peer: "ipv4:192.0.2.1:8", metadata: metadata) {
        Issue.record("the handler was called")
        return StreamingServerResponse { _ in [:] }
      }
    }
    #expect(error?.code == .unauthenticated)
  }

  @Test func twoAuthorizationsAreOneTooMany() async throws {
    var metadata = Metadata()
    let token = try await BearerToken.make(for: consortium.ledgerID, key: key, now: TestConsortium.start, minutes: 1)
    for _ in 0..<2 { metadata.addString("Bearer \(token)", forKey: "authorization") }
    let error = await #expect(throws: RPCError.self) { try await call(metadata: metadata) { .init { _ in [:] } } }
    #expect(error?.code == .unauthenticated)
  }

  @Test func whatTheHandlerThrowsIsStillMapped() async throws {
    let failure = Failure(.conflict, "SEQUENCE_GAP", "expected 7")
    let early = await #expect(throws: RPCError.self) { try await call { throw failure } }
    #expect(early?.code == .aborted)
    let response = try await call { StreamingServerResponse { _ in throw failure } }
    let producer = try response.accepted.get().producer
    let late = await #expect(throws: RPCError.self) { try await producer(RPCWriter(wrapping: Discard())) }
    #expect(late?.code == .aborted)
  }

  @Test mutating func aRevocationIsWhyTheAnswerEnds() async throws {
    let response = try await call { StreamingServerResponse { _ in throw CancellationError() } }
    let orderly = try await call { StreamingServerResponse { _ in [:] } }
    try consortium.revoke(key)
    access.enforce(consortium.directory)
    for response in [response, orderly] {
      let producer = try response.accepted.get().producer
      let error = await #expect(throws: RPCError.self) { try await producer(RPCWriter(wrapping: Discard())) }
      #expect(error?.code == .unauthenticated)
      #expect(error?.message.contains("revoked") == true)
    }
  }
}
