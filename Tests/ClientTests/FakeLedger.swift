import Client
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Primitives
import SwiftProtobuf
import Synchronization
import Wire
import WireRPC

/// A server that answers a stream of batches as a test says, and no other call.
final class FakeLedger: Cairn_V1_LedgerService.SimpleServiceProtocol {
  /// What becomes of the batch with a sequence number.
  enum Answer: Sendable {
    case receipt
    case refusal(Cairn_V1_SubmitError)
    case hangUp
    case end
  }

  private let answer: @Sendable (_ sequence: UInt64, _ stream: Int) -> Answer
  private let streams = Mutex(0)
  let failure: (any Error & Sendable)?

  init(failure: (any Error & Sendable)? = nil, _ answer: @escaping @Sendable (UInt64, Int) -> Answer) {
    self.answer = answer
    self.failure = failure
  }

  /// Streams that were opened.
  var streamCount: Int { streams.withLock { $0 } }

  /// Serves on loopback while `body` runs with a connection.
  func serve<Value: Sendable>(_ body: @Sendable (LedgerConnection) async throws -> Value) async throws -> Value {
    let transport = HTTP2ServerTransport.Posix(
      address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext)
    let server = GRPCServer(transport: transport, services: [self])
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      defer { server.beginGracefulShutdown() }
      let port = try await transport.listeningAddress.ipv4?.port ?? 0
      return try await LedgerConnection.withConnection(to: ServerAddress("127.0.0.1:\(port)"), trust: .plaintext, body)
    }
  }

  func submitStream(
    request: RPCAsyncSequence<Cairn_V1_SubmitStreamRequest, any Error>,
    response: RPCWriter<Cairn_V1_SubmitStreamResponse>, context: ServerContext
  ) async throws {
    let stream = streams.withLock { count in
      count += 1
      return count
    }
    for try await message in request {
      let header = try Cairn_V1_BatchHeader(serializedBytes: message.batch.header)
      var answer = Cairn_V1_SubmitStreamResponse()
      switch self.answer(header.sequence, stream) {
      case .receipt: answer.receipt.sequence = header.sequence
      case .refusal(let error): answer.error = error
      case .hangUp: throw RPCError(code: .unavailable, message: "going away")
      case .end: return
      }
      try await response.write(answer)
    }
  }

  func getLedger(request: Cairn_V1_GetLedgerRequest, context: ServerContext) async throws -> Cairn_V1_GetLedgerResponse
  {
    throw failure ?? RPCError(code: .unimplemented, message: "not here")
  }

  func getAuthor(request: Cairn_V1_GetAuthorRequest, context: ServerContext) async throws -> Cairn_V1_GetAuthorResponse
  {
    throw RPCError(code: .unimplemented, message: "not here")
  }

  func submit(request: Cairn_V1_SubmitRequest, context: ServerContext) async throws -> Cairn_V1_SubmitResponse {
    throw RPCError(code: .unimplemented, message: "not here")
  }

  func getReceipt(
    request: Cairn_V1_GetReceiptRequest, context: ServerContext
  ) async throws -> Cairn_V1_GetReceiptResponse {
    throw RPCError(code: .unimplemented, message: "not here")
  }

  func watchLog(
    request: Cairn_V1_WatchLogRequest, response: RPCWriter<Cairn_V1_WatchLogResponse>, context: ServerContext
  ) async throws {
    throw RPCError(code: .unimplemented, message: "not here")
  }
}

/// A clock on which every wait is over at once; it remembers how long they would have been.
final class ImpatientClock: Clock, Sendable {
  struct Instant: InstantProtocol {
    var offset: Duration

    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private let recorded = Mutex<[Duration]>([])

  var waits: [Duration] { recorded.withLock { $0 } }
  var now: Instant { Instant(offset: waits.reduce(.zero, +)) }
  var minimumResolution: Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let wait = now.duration(to: deadline)
    recorded.withLock { $0.append(wait) }
  }
}
