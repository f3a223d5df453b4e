package import Primitives
import Synchronization
import SwiftProtobuf
package import Wire

/// A batch's claim to its answer: given out when the batch enters the intake, redeemed once it is on disk or refused.
package struct Ticket: Sendable {
  private let answer: Answer
  private let recall: @Sendable () async throws(Failure) -> Cairn_V1_Receipt

  /// A claim to `answer`; where that says only that the batch's number is taken, `recall` finds out by what.
  init(_ answer: Answer, recall: @escaping @Sendable () async throws(Failure) -> Cairn_V1_Receipt) {
    self.answer = answer
    self.recall = recall
  }

  /// Waits for the batch's receipt, or throws why the batch was refused. To be asked once.
  package func receipt() async throws(Failure) -> Cairn_V1_Receipt {
    switch await answer.wait() {
    case .recorded(let receipt): receipt
    case .refused(let failure): throw failure
    case .alreadySequenced: try await recall()
    }
  }
}

/// What the writer says of a batch.
enum Verdict: Sendable {
  case recorded(Cairn_V1_Receipt)
  case refused(Failure)
  /// Its author has used this number before. To find out for what would make the writer wait for a read.
  case alreadySequenced
}

/// A verdict that the writer gives once and one task waits for.
final class Answer: Sendable {
  private enum State {
    case open
    case awaited(CheckedContinuation<Verdict, Never>)
    case given(Verdict)
  }

  private let state = Mutex(State.open)

  func give(_ result: Verdict) {
    let waiter = state.withLock { state -> CheckedContinuation<Verdict, Never>? in
      defer { state = .given(result) }
      if case .awaited(let waiter) = state { return waiter }
      return nil
    }
    waiter?.resume(returning: result)
  }

  func wait() async -> Verdict {
    await withCheckedContinuation { continuation in
      let given = state.withLock { state -> Verdict? in
        if case .given(let result) = state { return result }
        state = .awaited(continuation)
        return nil
      }
      if let given { continuation.resume(returning: given) }
    }
  }
}
