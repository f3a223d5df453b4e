import Engine
import Foundation
import Ordering
import Primitives
import Synchronization

/// An engine in memory: one queue that all nodes share, and what can be done to it.
final class MemoryEngine: Sendable {
  private struct State {
    var messages: [OrderedMessage] = []
    var ids: [String: UInt64] = [:]
    /// The one stream; nil before it is made.
    var name: String?
    var created: Int64 = 1
    var first: UInt64 = 1
    /// Its owner has changed the stream.
    var hasOtherTerms = false
    var isAway = false
    var dropsAcknowledgements = false
    var watchers: [AsyncStream<Void>.Continuation] = []
    var listeners: [AsyncStream<Data>.Continuation] = []
  }

  private let state = Mutex(State())

  var sequence: UInt64 { state.withLock { UInt64($0.messages.count) } }

  /// Lets nobody reach it, or everybody again.
  func setAway(_ isAway: Bool) {
    state.withLock { $0.isAway = isAway }
    wake()
  }

  /// Gives the stream other terms, or the agreed ones again.
  func setOtherTerms(_ others: Bool) { state.withLock { $0.hasOtherTerms = others } }

  /// Orders what it is given and says that it did not answer.
  func setDropsAcknowledgements(_ drops: Bool) { state.withLock { $0.dropsAcknowledgements = drops } }

  /// Forgets the stream, or its end, as after a backup was put back.
  func lose() {
    state.withLock { ($0.name, $0.messages, $0.ids, $0.created) = (nil, [], [:], $0.created + 1) }
    wake()
  }
  func rollBack(to sequence: UInt64) {
    state.withLock { $0.messages.removeLast($0.messages.count - Int(sequence)) }
    wake()
  }

  /// Forgets all that was stored before now.
  func trim() { state.withLock { $0.first = UInt64($0.messages.count) + 1 } }

  private func wake() { for watcher in state.withLock({ $0.watchers }) { watcher.yield() } }

  fileprivate func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    state.withLock { $0.watchers.append(continuation) }
    return stream
  }

  /// A stream is known by the message before, and only where that is gone by the time at which it was made.
  fileprivate func messages(
    of stream: String, created: Int64?, previous: Int64?, from sequence: UInt64
  ) throws(Failure) -> [OrderedMessage] {
    try state.withLock { state throws(Failure) in
      if state.isAway { return [] }
      let before = sequence - 1
      let isSame =
        previous != nil && state.first <= before && before <= state.messages.count
        ? state.messages[Int(before) - 1].stored == previous : created == nil || created == state.created
      guard state.name == stream, isSame else { throw Failure(.conflict, "ENGINE_LOST", "\(stream) is gone") }
      guard state.messages.count >= Int(sequence) - 1 else {
        throw Failure(.conflict, "ENGINE_ROLLED_BACK", "\(stream) ends at \(state.messages.count)")
      }
      guard state.first <= sequence else {
        throw Failure(.conflict, "ENGINE_TRIMMED", "\(stream) begins at \(state.first), \(sequence) is needed")
      }
      return Array(state.messages.dropFirst(Int(sequence) - 1).prefix(7))
    }
  }

  private static let away = Failure(.unavailable, "ENGINE_AWAY", "away", retryAfterMilliseconds: 1_000)
}

extension MemoryEngine: OrderingEngine {
  struct Messages: AsyncSequence, Sendable {
    typealias Element = [OrderedMessage]
    typealias Failure = Primitives.Failure

    let engine: MemoryEngine
    let stream: String
    let created: Int64?
    let previous: Int64?
    let start: UInt64

    struct AsyncIterator: AsyncIteratorProtocol {
      let engine: MemoryEngine
      let stream: String
      let created: Int64?
      var previous: Int64?
      var changes: AsyncStream<Void>.Iterator
      var place: UInt64

      mutating func next() async throws(Primitives.Failure) -> [OrderedMessage]? {
        try await next(isolation: nil)
      }

      mutating func next(
        isolation actor: isolated (any Actor)?
      ) async throws(Primitives.Failure) -> [OrderedMessage]? {
        while true {
          let messages = try engine.messages(of: stream, created: created, previous: previous, from: place)
          if let last = messages.last {
            place += UInt64(messages.count)
            previous = last.stored
            return messages
          }
          guard await changes.next(isolation: actor) != nil else { return nil }
        }
      }
    }

    func makeAsyncIterator() -> AsyncIterator {
      AsyncIterator(
        engine: engine, stream: stream, created: created, previous: previous,
        changes: engine.changes().makeAsyncIterator(), place: start)
    }
  }

  var health: EngineHealth {
    state.withLock { $0.isAway ? .away(reason: "unplugged") : .connected(server: "memory") }
  }

  func ensureStream(_ terms: StreamTerms) async throws(Failure) -> StreamInfo {
    state.withLock { if !$0.isAway { $0.name = $0.name ?? terms.name } }
    try await requireTerms(terms)
    return try await streamInfo(terms.name)
  }

  func requireTerms(_ terms: StreamTerms) async throws(Failure) {
    let (isAway, isOther) = state.withLock { ($0.isAway, $0.name == terms.name && $0.hasOtherTerms) }
    if isAway { throw Self.away }
    if isOther { throw Failure(.preconditionFailed, "ENGINE_TERMS", "\(terms.name) is not as agreed") }
  }

  func streamInfo(_ name: String) async throws(Failure) -> StreamInfo {
    let (isAway, known, created, first, last) = state.withLock {
      ($0.isAway, $0.name, $0.created, $0.first, $0.messages.count)
    }
    if isAway { throw Self.away }
    if known != name { throw Failure(.notFound, "ENGINE_NO_STREAM", "no stream \(name)") }
    return StreamInfo(
      name: name, created: created, firstSequence: first, lastSequence: UInt64(last), bytes: 0, replicas: 3,
      leader: "memory")
  }

  func post(
    _ bytes: Data, to subject: String, id: String?, stream: String
  ) throws(Failure) -> @Sendable () async throws(Failure) -> UInt64 {
    let sequence = state.withLock { state -> UInt64? in
      if state.isAway || state.name != stream { return nil }
      if let known = id.flatMap({ state.ids[$0] }) { return known }
      let sequence = UInt64(state.messages.count) + 1
      state.messages.append(
        OrderedMessage(
          sequence: sequence, subject: subject, bytes: bytes, stored: state.created * 1_000_000 + Int64(sequence)))
      if let id { state.ids[id] = sequence }
      return sequence
    }
    guard let sequence else { throw Self.away }
    wake()
    let isLate = state.withLock { $0.dropsAcknowledgements }
    return { () async throws(Failure) in
      if isLate { throw Failure(.unavailable, "ENGINE_TIMEOUT", "no answer", retryAfterMilliseconds: 1_000) }
      return sequence
    }
  }

  func messages(of stream: String, from sequence: UInt64, created: Int64?, previous: Int64?) -> Messages {
    Messages(engine: self, stream: stream, created: created, previous: previous, start: sequence)
  }

  func broadcast(_ bytes: Data, to subject: String) throws(Failure) {
    for listener in state.withLock({ $0.listeners }) { listener.yield(bytes) }
  }

  func listen(to subject: String) -> AsyncStream<Data> {
    let (stream, continuation) = AsyncStream.makeStream(of: Data.self, bufferingPolicy: .bufferingNewest(64))
    state.withLock { $0.listeners.append(continuation) }
    return stream
  }
}
