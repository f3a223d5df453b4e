import Ledger
import Primitives
import Synchronization

/// Batches of this node that are on their way through the engine, by the digest of their header, until they come back in
/// their place.
final class PendingBatches: Sendable {
  private struct State {
    var waiting: [Digest: [Submission]] = [:]
    /// The last message of the stream whose batch was answered.
    var answered: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Whether none is on its way.
  var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

  /// Remembers a batch; to be called before it is published.
  func add(_ submission: Submission) {
    state.withLock { $0.waiting[submission.batch.header.digest, default: []].append(submission) }
  }

  /// The batch as it was admitted here, if it is on its way.
  func admitted(_ digest: Digest) -> AdmittedBatch? { state.withLock { $0.waiting[digest]?.first?.batch } }

  /// Takes out those that wait for the batch with that header.
  func take(_ digest: Digest) -> [Submission] { state.withLock { $0.waiting.removeValue(forKey: digest) ?? [] } }

  /// Notes that everything up to that message was answered.
  func answered(upTo sequence: UInt64) { state.withLock { $0.answered = max($0.answered, sequence) } }

  /// Whether a batch that the engine has at `sequence` still waits although that message was passed: it was ordered before it was
  /// remembered here.
  func isPassed(_ submission: Submission, at sequence: UInt64) -> Bool {
    state.withLock { state in
      sequence <= state.answered
        && state.waiting[submission.batch.header.digest]?.contains { $0.answer === submission.answer } == true
    }
  }

  /// Takes one batch out; whether it was there.
  func remove(_ submission: Submission) -> Bool {
    state.withLock { state in
      let digest = submission.batch.header.digest
      guard let index = state.waiting[digest]?.firstIndex(where: { $0.answer === submission.answer }) else {
        return false
      }
      state.waiting[digest]?.remove(at: index)
      if state.waiting[digest]?.isEmpty == true { state.waiting[digest] = nil }
      return true
    }
  }

  /// Refuses all of them.
  func refuseAll(_ failure: Failure) {
    let waiting = state.withLock { state in
      defer { state.waiting = [:] }
      return state.waiting.values.flatMap(\.self)
    }
    for submission in waiting { submission.answer.give(.refused(failure)) }
  }
}
