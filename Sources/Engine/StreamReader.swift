import Foundation
import Primitives
import Synchronization

/// Reads one stream for one task, through one consumer after the other.
final class StreamReader: Sendable {
  private struct State {
    var place: ReadingPlace
    var session: ReaderSession?
    var waiter: CheckedContinuation<Void, Never>?
    /// Something happened since the last look.
    var hasNews = false
    var wakeAt: ContinuousClock.Instant?
    /// The stream was made at another time than the one that was read: its messages tell whether it is the same.
    var isRemade = false
    /// Since when the stream seems to be shorter than what was read, or gone.
    var doubtedSince: ContinuousClock.Instant?
    /// Consumers in a row that delivered another message instead of the next one.
    var gaps = 0
    /// The place at the last request that ended without a message.
    var restedAt: UInt64?
    var failure: Failure?
  }

  /// How long to wait until something that failed is tried again.
  static let pause = Duration.milliseconds(200)
  /// How long a stream must seem shorter, or gone, before that is believed: a leader that just came up may not know all it has.
  static let doubt = Duration.seconds(3)
  /// Consumers that may lack the same message before it counts as lost.
  static let patience = 5

  private let core: EngineCore
  private let stream: String
  private let state: Mutex<State>

  init(_ core: EngineCore, stream: String, place: ReadingPlace) {
    self.core = core
    self.stream = stream
    state = Mutex(State(place: place))
    core.state.withLock { $0.readers[ObjectIdentifier(self)] = EngineCore.WeakReader(reader: self) }
  }

  deinit {
    let identifier = ObjectIdentifier(self)
    core.state.withLock { _ = $0.readers.removeValue(forKey: identifier) }
  }

  /// The next group; nil at the end.
  func next() async throws(Failure) -> [OrderedMessage]? {
    while !Task.isCancelled, core.health != .closed {
      let (failure, session) = state.withLock { ($0.failure, $0.session) }
      if let failure { throw failure }
      do throws(Failure) {
        guard let session else {
          try await establish()
          continue
        }
        if let group = try await step(session) { return group }
      } catch {
        guard error.kind == .unavailable || error.kind == .exhausted else {
          state.withLock { ($0.failure, $0.session) = (error, nil) }
          throw error
        }
        state.withLock { ($0.session, $0.wakeAt) = (nil, .now + Self.pause) }
        await wait()
      }
    }
    return nil
  }

  private func step(_ session: ReaderSession) async throws(Failure) -> [OrderedMessage]? {
    switch session.take() {
    case .messages(let group):
      state.withLock { state in
        state.place.next += UInt64(group.count)
        state.place.previous = group.last?.stored
        (state.gaps, state.restedAt, state.isRemade) = (0, nil, false)
      }
      try ask(session)
      return group
    case .waiting: await wait()
    case .rested:
      try await checkAtRest(session)
      try ask(session)
    case .replaced:
      let (isRemade, next) = state.withLock { ($0.isRemade, $0.place.next) }
      throw Failure(
        .conflict, isRemade ? "ENGINE_LOST" : "ENGINE_ROLLED_BACK",
        "\(stream) has another message before \(next) than the one that was read there")
    case .broken: state.withLock { $0.session = nil }
    case .gap: state.withLock { ($0.session, $0.gaps) = (nil, $0.gaps + 1) }
    }
    return nil
  }

  // MARK: Consumers

  /// Makes a consumer at our place, on the stream that we know.
  private func establish() async throws(Failure) {
    let info = try await check()
    let (place, gaps) = state.withLock { ($0.place, $0.gaps) }
    if gaps >= Self.patience, info.firstSequence <= place.next, place.next <= info.lastSequence {
      throw Failure(.corrupt, "ENGINE_LOST", "\(stream) does not deliver its message \(place.next)")
    }
    let anchored = place.previous != nil && place.next > 1 && info.firstSequence < place.next
    let first = anchored ? place.next - 1 : place.next
    let session = ReaderSession(expecting: first, anchor: anchored ? place.previous : nil) { [weak self] in
      self?.wake()
    }
    try session.listen(on: try core.state.withLock { state throws(Failure) in try EngineCore.handle(state) })
    let body = try EngineAPI.encode(ConsumerRequest(stream_name: stream, name: session.consumer, first: first))
    let answer: ConsumerAnswer = try await core.ask("CONSUMER.CREATE.\(stream).\(session.consumer)", body)
    if let error = answer.error { throw error.failure }
    try ask(session)
    state.withLock { $0.session = session }
  }

  /// Asks the servers for messages, where they are not asked yet.
  private func ask(_ session: ReaderSession) throws(Failure) {
    guard session.beginAsking() else { return }
    let body = try EngineAPI.encode(MessagesRequest())
    try core.post(body, to: "\(core.api).CONSUMER.MSG.NEXT.\(stream).\(session.consumer)", inbox: session.inbox)
  }

  /// A request ended without a message: the stream may have none, or be another.
  private func checkAtRest(_ session: ReaderSession) async throws(Failure) {
    let known = state.withLock { $0.place.created }
    let info = try await check()
    let isStuck = state.withLock { state in
      defer { state.restedAt = state.place.next }
      return info.lastSequence >= state.place.next && state.restedAt == state.place.next
    }
    if isStuck || info.created != known { session.breakOff() }
  }

  /// The stream, where it is the one that we know and has what we read.
  private func check() async throws(Failure) -> StreamInfo {
    let found = try await core.stream(stream)
    return try state.withLock { state throws(Failure) in
      guard let info = found?.info else {
        try Self.doubt(&state, "ENGINE_LOST", "the stream \(stream) is gone")
      }
      if let created = state.place.created, created != info.created {
        state.isRemade = true
        // Servers that just came back may tell another time for the same stream. The last message that was read will show it.
        let canShow = state.place.previous != nil && info.firstSequence < state.place.next
        guard canShow || state.place.next == 1 else {
          throw Failure(
            .conflict, "ENGINE_LOST",
            "\(stream) was made at \(info.created) ns, the one that was read at \(created) ns")
        }
      }
      guard info.lastSequence >= state.place.next - 1 else {
        try Self.doubt(
          &state, state.isRemade ? "ENGINE_LOST" : "ENGINE_ROLLED_BACK",
          "\(stream) ends at \(info.lastSequence), \(state.place.next - 1) was read")
      }
      state.doubtedSince = nil
      guard info.firstSequence <= state.place.next else {
        throw Failure(
          .conflict, "ENGINE_TRIMMED", "\(stream) begins at \(info.firstSequence), \(state.place.next) is needed",
          metadata: ["first_sequence": "\(info.firstSequence)", "next_sequence": "\(state.place.next)"])
      }
      state.place.created = info.created
      return info
    }
  }

  /// Bad news that are believed once they lasted; until then they count as the engine being away.
  private static func doubt(_ state: inout State, _ reason: String, _ message: String) throws(Failure) -> Never {
    let since = state.doubtedSince ?? .now
    state.doubtedSince = since
    guard ContinuousClock.now - since >= doubt else { throw .engineAway(message) }
    throw Failure(.conflict, reason, message)
  }

  // MARK: Waiting

  private func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let hasNews = state.withLock { state in
          guard !state.hasNews, !Task.isCancelled else {
            state.hasNews = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if hasNews { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
  }

  private func wake() {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      state.hasNews = state.waiter == nil
      return state.waiter
    }
    waiter?.resume()
  }

  /// The engine came or went: consumers do not outlive that.
  func healthChanged(_ health: EngineHealth) {
    state.withLock { $0.session }?.breakOff()
    wake()
  }

  /// Time passed.
  func tick(_ now: ContinuousClock.Instant) {
    let (session, isDue) = state.withLock { state in
      let isDue = state.wakeAt.map { $0 <= now } ?? false
      if isDue { state.wakeAt = nil }
      return (state.session, isDue)
    }
    session?.tick(now)
    if isDue { wake() }
  }
}
