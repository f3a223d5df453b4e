import CNATS
import Foundation
import Primitives
import Synchronization

extension EngineCore {
  /// Sends `bytes` and gives what will be the answer. Refuses at once where the engine is away, where too much is in flight, and what no
  /// subject is. Calls are sent in the order they are made in. A look is sent as long as there is a connection.
  func request(
    _ bytes: Data, to subject: String, headers: [(String, String)] = [], isLook: Bool = false
  ) throws(Failure) -> PendingReply {
    guard EngineSubject.isPlain(subject) else {
      throw .malformed("ENGINE_SUBJECT", field: "subject", "a subject without wildcards expected, \(subject) found")
    }
    guard bytes.count <= EngineOptions.maxBytesInFlight else {
      throw .engineMessageTooLarge("\(bytes.count) bytes")
    }
    let reply = PendingReply(
      subject: subject, cost: bytes.count, deadline: .now + (isLook ? Self.lookTimeout : timeout))
    let (handle, token) = try state.withLock { state throws(Failure) -> (NATSHandle, UInt64) in
      let handle = try isLook ? Self.connection(state) : Self.handle(state)
      let hasRoom =
        state.replies.count < EngineOptions.maxInFlight
        && state.bytesInFlight + bytes.count <= EngineOptions.maxBytesInFlight
      guard hasRoom || isLook else {
        throw Failure(
          .exhausted, "ENGINE_BUSY", "\(state.replies.count) messages wait for the engine already",
          retryAfterMilliseconds: 100)
      }
      state.lastToken += 1
      state.replies[state.lastToken] = reply
      state.bytesInFlight += bytes.count
      return (handle, state.lastToken)
    }
    queue.async {
      guard self.state.withLock({ $0.replies[token] != nil }) else { return }
      if let failure = Self.send(
        bytes, to: subject, reply: "\(self.inboxPrefix).\(token)", headers: headers, on: handle)
      {
        self.state.withLock { Self.take(token, from: &$0) }?.resolve(.failure(failure))
      }
    }
    return reply
  }

  /// Sends `bytes`, to be answered at `inbox` or not at all; that needs no majority of the servers.
  func post(_ bytes: Data, to subject: String, inbox: String? = nil) throws(Failure) {
    let handle = try state.withLock { state throws(Failure) in try Self.connection(state) }
    queue.async { _ = Self.send(bytes, to: subject, reply: inbox, headers: [], on: handle) }
  }

  /// The connection, where messages can be published.
  static func handle(_ state: State) throws(Failure) -> NATSHandle {
    if case .away(let reason) = state.health { throw .engineAway(reason) }
    return try connection(state)
  }

  /// The connection, where there is one.
  static func connection(_ state: State) throws(Failure) -> NATSHandle {
    if state.health == .closed { throw .engineClosed }
    guard state.watch.server != nil, let handle = state.handle else { throw .engineAway("not connected to a server") }
    return handle
  }

  /// Writes one message; what went wrong, where nothing was sent.
  private static func send(
    _ bytes: Data, to subject: String, reply: String?, headers: [(String, String)], on handle: NATSHandle
  ) -> Failure? {
    guard natsConnection_Status(handle.pointer) == NATS_CONN_STATUS_CONNECTED else {
      return .engineAway("the connection to its server was lost")
    }
    var message: OpaquePointer?
    let made = bytes.withUnsafeBytes {
      natsMsg_Create(&message, subject, reply, $0.bindMemory(to: CChar.self).baseAddress, Int32($0.count))
    }
    guard made == NATS_OK, let message else { return .engineAway("making a message: \(made.text)") }
    defer { natsMsg_Destroy(message) }
    for (name, value) in headers {
      if let failure = Failure.engine(natsMsgHeader_Set(message, name, value), "a header") { return failure }
    }
    return .engine(natsConnection_PublishMsg(handle.pointer, message), "publishing", bytes: bytes.count)
  }

  /// An answer arrived, on a thread of the library.
  func answered(_ message: consuming NATSMessage) {
    guard let token = message.subject.split(separator: ".").last.flatMap({ UInt64($0) }),
      let reply = state.withLock({ Self.take(token, from: &$0) })
    else { return }
    if message.status == "503" {
      reply.resolve(.failure(.engineAway("nobody takes messages on \(reply.subject) now")))
    } else {
      reply.resolve(.success(message.bytes))
    }
  }
}
