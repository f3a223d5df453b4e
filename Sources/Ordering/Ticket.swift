package import Primitives
import Synchronization
import SwiftProtobuf
package import Wire

/// A batch's claim to its answer: given out when the batch enters the intake, redeemed once it is on disk or refused.
package struct Ticket: Sendable {
  private let answer: Answer

  init(_ answer: Answer) { self.answer = answer }

  /// Waits for the batch's receipt, or throws why the batch was refused. To be asked once.
  package func receipt() async throws(Failure) -> Cairn_V1_Receipt { try await answer.wait().get() }
}

/// A value that the writer sets once and one task waits for.
final class Answer: Sendable {
  private enum State {
    case open
    case awaited(CheckedContinuation<Result<Cairn_V1_Receipt, Failure>, Never>)
    case given(Result<Cairn_V1_Receipt, Failure>)
  }

  private let state = Mutex(State.open)

  func give(_ result: Result<Cairn_V1_Receipt, Failure>) {
    let waiter = state.withLock { state -> CheckedContinuation<Result<Cairn_V1_Receipt, Failure>, Never>? in
      defer { state = .given(result) }
      if case .awaited(let waiter) = state { return waiter }
      return nil
    }
    waiter?.resume(returning: result)
  }

  func wait() async -> Result<Cairn_V1_Receipt, Failure> {
    await withCheckedContinuation { continuation in
      let given = state.withLock { state -> Result<Cairn_V1_Receipt, Failure>? in
        if case .given(let result) = state { return result }
        state = .awaited(continuation)
        return nil
      }
      if let given { continuation.resume(returning: given) }
    }
  }
}
