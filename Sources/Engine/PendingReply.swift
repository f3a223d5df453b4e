import Foundation
import Primitives
import Synchronization

/// One answer that is awaited: resolved once, read any number of times.
final class PendingReply: Sendable {
  private enum State {
    case open([CheckedContinuation<Result<Data, Failure>, Never>])
    case done(Result<Data, Failure>)
  }

  let subject: String
  /// Bytes that count as in flight until the answer.
  let cost: Int
  let deadline: ContinuousClock.Instant
  private let state = Mutex(State.open([]))

  init(subject: String, cost: Int, deadline: ContinuousClock.Instant) {
    self.subject = subject
    self.cost = cost
    self.deadline = deadline
  }

  /// Gives the answer to all who wait; only the first counts.
  func resolve(_ result: Result<Data, Failure>) {
    let waiting = state.withLock { state -> [CheckedContinuation<Result<Data, Failure>, Never>] in
      guard case .open(let waiting) = state else { return [] }
      state = .done(result)
      return waiting
    }
    for continuation in waiting { continuation.resume(returning: result) }
  }

  /// The answer; it comes by the deadline at the latest.
  func value() async throws(Failure) -> Data {
    let result = await withCheckedContinuation { continuation in
      let done = state.withLock { state -> Result<Data, Failure>? in
        switch state {
        case .done(let result): return result
        case .open(let waiting):
          state = .open(waiting + [continuation])
          return nil
        }
      }
      if let done { continuation.resume(returning: done) }
    }
    return try result.get()
  }
}
