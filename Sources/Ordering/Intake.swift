import Ledger
import Primitives
import Synchronization

/// A batch on its way to the writer.
struct Submission: Sendable {
  let batch: AdmittedBatch
  let lane: Lane
  let answer = Answer()
}

/// The bounded queue between everyone who submits and the one writer, fair between members.
final class Intake: Sendable {
  /// Most bytes of records that wait for the writer: half of it from streams, half from unary calls.
  static let maxBytes = 32 << 20
  /// Most batches that wait for the writer, shared in the same way.
  static let maxBatches = 8_192
  /// A group is closed when it holds this many bytes of records: one transaction, one fsync.
  static let groupBytes = 4 << 20
  /// What each member in turn may put into a group: sixteen busy ones have their turn in every group.
  static let turnBytes = groupBytes / 16

  /// A submission, and the task that waits until it is queued, if one had to.
  private struct Arrival {
    let submission: Submission
    var entry: CheckedContinuation<Failure?, Never>?
  }

  private struct State {
    var queue = FairQueue<Arrival>(
      bounds: .init(bytes: Intake.maxBytes / 2, count: Intake.maxBatches / 2), turnBytes: Intake.turnBytes)
    var isClosed = false
    var writer: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Whether batches are taken.
  var isOpen: Bool { state.withLock { !$0.isClosed } }

  /// How many lanes hold or wait for anything.
  var laneCount: Int { state.withLock { $0.queue.laneCount } }

  /// Refuses what `offer` would refuse: INTAKE_FULL, SHUTTING_DOWN.
  func requireRoom(_ lane: Lane) throws(Failure) {
    let (isClosed, hasRoom) = state.withLock { ($0.isClosed, $0.queue.hasRoom(lane, .orRefused)) }
    if isClosed { throw Self.shuttingDown }
    if !hasRoom { throw Self.full(lane) }
  }

  /// Takes a submission at once, or refuses it: INTAKE_FULL, SHUTTING_DOWN.
  func offer(_ submission: Submission) throws(Failure) {
    enum Outcome { case queued(CheckedContinuation<Void, Never>?), full, closed }
    let outcome = state.withLock { state -> Outcome in
      if state.isClosed { return .closed }
      let arrival = Arrival(submission: submission)
      let isQueued = state.queue.offer(arrival, bytes: submission.batch.byteCount, lane: submission.lane)
      return isQueued ? .queued(state.writer.take()) : .full
    }
    switch outcome {
    case .queued(let writer): writer?.resume()
    case .full: throw Self.full(submission.lane)
    case .closed: throw Self.shuttingDown
    }
  }

  /// Takes a submission as soon as there is room for its member; the caller, and so its stream, waits until then.
  /// Fails with SHUTTING_DOWN, or CALL_ENDED when its task is cancelled while it waits.
  func offerWhenRoom(_ submission: Submission) async throws(Failure) {
    let refusal = await withTaskCancellationHandler {
      await withCheckedContinuation { entry in offer(submission, entry) }
    } onCancel: {
      withdraw(submission)
    }
    if let refusal { throw refusal }
  }

  private func offer(_ submission: Submission, _ entry: CheckedContinuation<Failure?, Never>) {
    enum Outcome { case queued(CheckedContinuation<Void, Never>?), waiting, refused(Failure) }
    let bytes = submission.batch.byteCount
    let outcome = state.withLock { state -> Outcome in
      if state.isClosed { return .refused(Self.shuttingDown) }
      // A task that is cancelled after this finds its submission waiting: `withdraw` takes the same lock.
      if Task.isCancelled { return .refused(Self.callEnded) }
      let arrival = Arrival(submission: submission, entry: entry)
      let isQueued = state.queue.offerOrWait(arrival, bytes: bytes, lane: submission.lane)
      return isQueued ? .queued(state.writer.take()) : .waiting
    }
    switch outcome {
    case .queued(let writer):
      writer?.resume()
      entry.resume(returning: nil)
    case .waiting: break
    case .refused(let failure): entry.resume(returning: failure)
    }
  }

  private func withdraw(_ submission: Submission) {
    let withdrawn = state.withLock { state in
      state.queue.removeWaiting(submission.lane) { $0.submission.answer === submission.answer }
    }
    withdrawn?.entry?.resume(returning: Self.callEnded)
  }

  /// The next group, members in turn, at least one submission; nil when closed and empty. For the writer alone.
  func next() async -> [Submission]? {
    while true {
      let (group, entered, isClosed) = state.withLock { state in
        let (group, entered) = state.queue.takeGroup(bytes: Self.groupBytes)
        return (group, entered, state.isClosed)
      }
      for arrival in entered { arrival.entry?.resume(returning: nil) }
      if !group.isEmpty { return group.map(\.submission) }
      if isClosed { return nil }
      await arrival()
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

  /// Takes no more and refuses whoever waits for room; what is queued is still written.
  func close() {
    let (waiting, writer) = state.withLock { state in
      state.isClosed = true
      return (state.queue.removeAllWaiting(), state.writer.take())
    }
    for arrival in waiting { arrival.entry?.resume(returning: Self.shuttingDown) }
    writer?.resume()
  }

  /// Takes no more and refuses everything that is queued: the writer is gone.
  func abandon(_ failure: Failure) {
    close()
    let queued = state.withLock { $0.queue.takeGroup(bytes: .max).group }
    for arrival in queued { arrival.submission.answer.give(.refused(failure)) }
  }

  private static let shuttingDown = Failure(
    .unavailable, "SHUTTING_DOWN", "this server is stopping; send the batch again when it is back",
    retryAfterMilliseconds: 1_000)
  private static let callEnded = Failure(
    .unavailable, "CALL_ENDED", "the call ended while its batch waited for room; it is not recorded, send it again")

  private static func full(_ lane: Lane) -> Failure {
    Failure(
      .unavailable, "INTAKE_FULL",
      "too many batches of \(lane.member) are waiting to be written; send this batch again later",
      metadata: ["member_id": lane.member.description], retryAfterMilliseconds: 100)
  }
}
