import Consortium
import Primitives
import Store
import Synchronization

/// Cursors on their way to disk: all that came while the last ones were written go together.
final class Acknowledgements: Sendable {
  /// Between two writes, so that each serves many.
  static let interval = Duration.milliseconds(100)
  /// After a write that failed.
  static let pause = Duration.seconds(1)

  fileprivate struct State {
    /// Where each cursor stands, on disk or on its way there.
    var cursors: [Int64: RecordPlace] = [:]
    var pending: [Int64: RecordPlace] = [:]
    var waiting: [CheckedContinuation<Failure?, Never>] = []
    var isClosed = false
  }

  private let store: SubscriptionStore
  private let state = Mutex(State())
  private let (work, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  init(_ store: SubscriptionStore) { self.store = store }

  /// Where a subscription's cursor stands, given what was read from disk.
  func cursor(_ subscription: StoredSubscription) -> RecordPlace {
    state.withLock { max($0.cursors[subscription.id] ?? subscription.cursor, subscription.cursor) }
  }

  /// Moves cursors forward; they are on disk a little later.
  func advance(_ cursors: [Int64: RecordPlace]) {
    let hasMoved = state.withLock { $0.advance(cursors) }
    if hasMoved { signal.yield() }
  }

  /// Moves a cursor forward, and returns when it is on disk.
  func advance(_ id: Int64, to place: RecordPlace) async throws(Failure) {
    let failure: Failure? = await withCheckedContinuation { continuation in
      let isClosed = state.withLock { state in
        guard !state.isClosed else { return true }
        _ = state.advance([id: place])
        state.waiting.append(continuation)
        return false
      }
      if isClosed { continuation.resume(returning: Self.stopping) } else { signal.yield() }
    }
    if let failure { throw failure }
  }

  func forget(_ id: Int64) {
    state.withLock { state in
      state.cursors[id] = nil
      state.pending[id] = nil
    }
  }

  /// Writes until cancelled.
  func run(clock: any Clock<Duration>, _ onFailure: @Sendable (Failure) -> Void) async {
    for await _ in work {
      let failure = await write()
      if let failure { onFailure(failure) }
      try? await clock.sleep(for: failure == nil ? Self.interval : Self.pause)
    }
  }

  /// Takes no more from those who wait for the disk, and writes what there is.
  func close() async -> Failure? {
    state.withLock { $0.isClosed = true }
    return await write(isLast: true)
  }

  /// Writes what is pending; what could not be written stays so. Who waits is told, unless the task was cancelled and the
  /// last write is still to come.
  @discardableResult
  func write(isLast: Bool = false) async -> Failure? {
    let (cursors, waiting) = state.withLock { state in
      defer { (state.pending, state.waiting) = ([:], []) }
      return (state.pending, state.waiting)
    }
    var failure: Failure?
    if !cursors.isEmpty {
      do throws(Failure) { try await store.advance(cursors) } catch {
        let isPutOff = Task.isCancelled && !isLast
        state.withLock { state in
          state.pending.merge(cursors) { max($0, $1) }
          if isPutOff { state.waiting += waiting }
        }
        if isPutOff { return nil }
        failure = error
        signal.yield()
      }
    }
    for continuation in waiting { continuation.resume(returning: failure) }
    return failure
  }

  private static let stopping = Failure(
    .unavailable, "SHUTTING_DOWN", "this server is stopping; acknowledge again when it is back",
    retryAfterMilliseconds: 1_000)
}

extension Acknowledgements.State {
  /// Whether any of them was not there before.
  mutating func advance(_ places: [Int64: RecordPlace]) -> Bool {
    var hasMoved = false
    for (id, place) in places where cursors[id].map({ $0 < place }) ?? true {
      (cursors[id], pending[id]) = (place, place)
      hasMoved = true
    }
    return hasMoved
  }
}
