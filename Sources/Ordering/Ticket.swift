import Ledger
package import Primitives
import Synchronization
import Store
import SwiftProtobuf
package import Wire

/// A batch's claim to its answer: given out when the batch enters the intake, redeemed once it is on disk or refused.
package struct Ticket: Sendable {
  private let answer: Answer
  private let views: PublishedView
  private let mayBecomeFinal: Bool
  private let recall: @Sendable () async throws(Failure) -> Cairn_V1_Receipt

  /// A claim to `answer`; where that says only that the batch's number is taken, `recall` finds out by what.
  init(
    _ answer: Answer, views: PublishedView, mayBecomeFinal: Bool,
    recall: @escaping @Sendable () async throws(Failure) -> Cairn_V1_Receipt
  ) {
    self.answer = answer
    self.views = views
    self.mayBecomeFinal = mayBecomeFinal
    self.recall = recall
  }

  /// Waits for the batch's receipt, or throws why the batch was refused. To be asked once. Where it is not yet as final as
  /// `wanted`, and other members' cosignatures may make it so, it waits for them until `deadline`; then it says how final
  /// the batch is.
  package func receipt(
    _ wanted: Cairn_V1_Finality = .anchored, until deadline: ContinuousClock.Instant = .now
  ) async throws(Failure) -> Cairn_V1_Receipt {
    var receipt: Cairn_V1_Receipt
    switch await answer.wait() {
    case .recorded(let given): receipt = given
    case .refused(let failure): throw failure
    case .alreadySequenced: receipt = try await recall()
    }
    guard wanted == .final, receipt.finality != .final, mayBecomeFinal else { return receipt }
    let view = await views.view(whereFinal: receipt.position, until: deadline)
    receipt.finality = view.finality(at: receipt.position)
    receipt.logSize = view.checkpoint(over: receipt.position).size
    return receipt
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
