import Foundation
import Primitives
import Synchronization

/// One answer that is awaited: resolved once, read any number of times.
final class PendingReply: Sendable {
  private enum State {
    case open([@Sendable (Result<Data, Failure>) -> Void])
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
    let waiting = state.withLock { state -> [@Sendable (Result<Data, Failure>) -> Void] in
      guard case .open(let waiting) = state else { return [] }
      state = .done(result)
      return waiting
    }
    for take in waiting { take(result) }
  }

  /// Hands the answer on, in the thread in which it comes; that is by the deadline at the latest.
  func whenResolved(_ take: @escaping @Sendable (Result<Data, Failure>) -> Void) {
    let done = state.withLock { state -> Result<Data, Failure>? in
      switch state {
      case .done(let result): return result
      case .open(let waiting):
        state = .open(waiting + [take])
        return nil
      }
    }
    if let done { take(done) }
  }

  /// The answer; it comes by the deadline at the latest.
  func value() async throws(Failure) -> Data {
    let result = await withCheckedContinuation { continuation in
      whenResolved { continuation.resume(returning: $0) }
    }
    return try result.get()
  }
}
