import Ledger
import Primitives
import Synchronization

/// A batch on its way to the writer.
struct Submission: Sendable {
  let batch: AdmittedBatch
  let answer = Answer()
}

/// The bounded queue between everyone who submits and the one writer.
final class Intake: Sendable {
  /// Most bytes of records that wait for the writer.
  static let maxBytes = 32 << 20
  /// Most batches that wait for the writer.
  static let maxBatches = 8_192
  /// A group is closed when it holds this many bytes of records: one transaction, one fsync.
  static let groupBytes = 4 << 20

  private struct State {
    var queue: [Submission] = []
    var bytes = 0
    var isClosed = false
    var writer: CheckedContinuation<Void, Never>?
    var waiters: [CheckedContinuation<Void, Never>] = []

    var hasRoom: Bool { bytes < Intake.maxBytes && queue.count < Intake.maxBatches }

    mutating func accept(_ submission: Submission) -> CheckedContinuation<Void, Never>? {
      queue.append(submission)
      bytes += submission.batch.byteCount
      defer { writer = nil }
      return writer
    }
  }

  private let state = Mutex(State())

  /// Whether batches are taken.
  var isOpen: Bool { state.withLock { !$0.isClosed } }

  /// Takes a submission at once, or refuses it: INTAKE_FULL, SHUTTING_DOWN.
  func offer(_ submission: Submission) throws(Failure) {
    guard try take(submission) else {
      throw Failure(
        .unavailable, "INTAKE_FULL",
        "\(Self.maxBytes >> 20) MiB or \(Self.maxBatches) batches are waiting to be written; send this batch again later",
        retryAfterMilliseconds: 100)
    }
  }

  /// Takes a submission as soon as there is room; the caller, and so its stream, waits until then.
  func offerWhenRoom(_ submission: Submission) async throws(Failure) {
    while try !take(submission) { await room() }
  }

  private func take(_ submission: Submission) throws(Failure) -> Bool {
    enum Outcome { case taken(CheckedContinuation<Void, Never>?), full, closed }
    let outcome = state.withLock { state -> Outcome in
      if state.isClosed { return .closed }
      return state.hasRoom ? .taken(state.accept(submission)) : .full
    }
    switch outcome {
    case .taken(let writer):
      writer?.resume()
      return true
    case .full: return false
    case .closed:
      throw Failure(
        .unavailable, "SHUTTING_DOWN", "this server is stopping; send the batch again when it is back",
        retryAfterMilliseconds: 1_000)
    }
  }

  private func room() async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state in
        if state.hasRoom || state.isClosed { return true }
        state.waiters.append(continuation)
        return false
      }
      if now { continuation.resume() }
    }
  }

  /// The next group in order of arrival, at least one submission; nil when closed and empty. For the writer alone.
  func next() async -> [Submission]? {
    while true {
      let (group, waiters, isClosed) = drain()
      for waiter in waiters { waiter.resume() }
      if !group.isEmpty { return group }
      if isClosed { return nil }
      await arrival()
    }
  }

  private func drain() -> ([Submission], [CheckedContinuation<Void, Never>], Bool) {
    state.withLock { state in
      var bytes = 0
      var count = 0
      while count < state.queue.count, bytes < Self.groupBytes {
        bytes += state.queue[count].batch.byteCount
        count += 1
      }
      let group = Array(state.queue[..<count])
      state.queue.removeFirst(count)
      state.bytes -= bytes
      defer { if state.hasRoom { state.waiters = [] } }
      return (group, state.hasRoom ? state.waiters : [], state.isClosed)
    }
  }

  private func arrival() async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state in
        if !state.queue.isEmpty || state.isClosed { return true }
        state.writer = continuation
        return false
      }
      if now { continuation.resume() }
    }
  }

  /// Takes no more; what is queued is still written.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer {
        state.waiters = []
        state.writer = nil
      }
      return state.waiters + (state.writer.map { [$0] } ?? [])
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Takes no more and refuses everything that is queued: the writer is gone.
  func abandon(_ failure: Failure) {
    close()
    let queued = state.withLock { state in
      defer { state.queue = [] }
      return state.queue
    }
    for submission in queued { submission.answer.give(.refused(failure)) }
  }
}
