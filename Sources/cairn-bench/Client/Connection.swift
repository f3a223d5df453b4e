import Certificates
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import Primitives
import Signing
import SwiftProtobuf
import Wire
import WireRPC

/// One TLS connection to the server, whose client identifies itself.
struct Connection: Sendable {
  let client: GRPCClient<HTTP2ClientTransport.Posix>

  private init(to server: Endpoint) throws {
    let certificate = try ClientCertificate.pem(for: server.identity, now: .now, validDays: 1)
    let keyPEM = try server.identity.pem(passphrase: nil)
    let security = HTTP2ClientTransport.Posix.TransportSecurity.tls {
      $0.trustRoots = .certificates([.file(path: server.certificate.path, format: .pem)])
      $0.certificateChain = [.bytes(Array(certificate.utf8), format: .pem)]
      $0.privateKey = .bytes(Array(keyPEM.utf8), format: .pem)
    }
    client = GRPCClient(
      transport: try .http2NIOPosix(
        target: .ipv4(address: server.host, port: server.port), transportSecurity: security,
        config: .defaults {
          $0.http2.targetWindowSize = 4 << 20
          $0.http2.authority = "localhost"
        }))
  }

  /// Runs the body with connections that are up, one to each server, and closes them.
  static func with<Value: Sendable>(
    _ servers: [Endpoint], _ body: @Sendable ([Connection]) async throws -> Value
  ) async throws -> Value {
    let connections = try servers.map { try Connection(to: $0) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in connections { group.addTask { try await connection.client.runConnections() } }
      defer { for connection in connections { connection.client.beginGracefulShutdown() } }
      for connection in connections { _ = try await connection.ledger() }
      return try await body(connections)
    }
  }

  /// Sends every message over one `SubmitStream` and waits for every receipt.
  func stream(_ messages: [Message]) async throws {
    let request = StreamingClientRequest(of: Message.self) { writer in
      for message in messages { try await writer.write(message) }
    }
    let receipts = try await client.bidirectionalStreaming(
      request: request, descriptor: Cairn_V1_LedgerService.Method.SubmitStream.descriptor,
      serializer: Serialized(), deserializer: ReceiptCheck(), options: Self.options
    ) { response in
      try await response.messages.reduce(0) { count, _ in count + 1 }
    }
    guard receipts == messages.count else {
      throw BenchError("\(receipts) receipts came for \(messages.count) batches")
    }
  }

  /// Sends the messages one after the other with `Submit`.
  func submit(_ messages: [Message]) async throws {
    for message in messages {
      try await client.unary(
        request: ClientRequest(message: message), descriptor: Cairn_V1_LedgerService.Method.Submit.descriptor,
        serializer: Serialized(), deserializer: ReceiptCheck(), options: Self.options
      ) { try $0.message }
    }
  }

  /// One call; the bytes of its answer are not looked at before the clock stops.
  func timed<Request: SwiftProtobuf.Message, Answer: SwiftProtobuf.Message>(
    _ method: MethodDescriptor, _ request: Request, as type: Answer.Type
  ) async throws -> (Answer, Latency) {
    let start = ContinuousClock.now
    let (bytes, timing) = try await client.unary(
      request: ClientRequest(message: request), descriptor: method, serializer: ProtobufSerializer<Request>(),
      deserializer: Bytes(), options: .defaults
    ) { (try $0.message, $0.trailingMetadata[stringValues: "server-timing"].first { _ in true }) }
    let latency = try Latency(since: start, timing, of: method)
    return (try Answer(serializedBytes: bytes), latency)
  }

  /// One call whose answer comes in parts, which are not looked at before the clock stops.
  func timed<Request: SwiftProtobuf.Message, Part: SwiftProtobuf.Message>(
    _ method: MethodDescriptor, _ request: Request, asPartsOf type: Part.Type
  ) async throws -> ([Part], Latency) {
    let start = ContinuousClock.now
    let (parts, timing) = try await client.serverStreaming(
      request: ClientRequest(message: request), descriptor: method, serializer: ProtobufSerializer<Request>(),
      deserializer: Bytes(), options: .defaults
    ) { response in
      var parts: [[UInt8]] = []
      var timing: String?
      for try await part in try response.accepted.get().bodyParts {
        switch part {
        case .message(let bytes): parts.append(bytes)
        case .trailingMetadata(let trailers): timing = trailers[stringValues: "server-timing"].first { _ in true }
        }
      }
      return (parts, timing)
    }
    let latency = try Latency(since: start, timing, of: method)
    return (try parts.map { try Part(serializedBytes: $0) }, latency)
  }

  /// The calls that receive what is recorded.
  var subscriptions: Cairn_V1_SubscriptionService.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }

  /// What the ledger says about itself.
  func ledger() async throws -> Cairn_V1_GetLedgerResponse {
    try await Cairn_V1_LedgerService.Client(wrapping: client).getLedger(.init())
  }

  static var options: CallOptions {
    var options = CallOptions.defaults
    options.maxRequestMessageBytes = 8 << 20
    return options
  }
}

/// How long a call took, in milliseconds.
struct Latency: Sendable {
  /// From the call to its answer.
  let client: Double
  /// What the server says that it took of it.
  let server: Double

  /// The time from `start` until now; `timing` is what the server says.
  fileprivate init(since start: ContinuousClock.Instant, _ timing: String?, of method: MethodDescriptor) throws {
    client = (ContinuousClock.now - start) / .milliseconds(1)
    guard let timing, let milliseconds = Double(timing.drop { $0 != "=" }.dropFirst()) else {
      throw BenchError("\(method) came without its server-timing")
    }
    server = milliseconds
  }
}

/// What the benchmark cannot go on after.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
