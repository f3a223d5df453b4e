package import Consortium
package import Ledger
package import Merkle
package import Primitives
import Synchronization
package import Wire

/// What readers may speak of: a log that ends in a signed checkpoint and whose records the index can find.
package struct LedgerView: Sendable {
  package let ledgerID: Digest
  package let directory: Directory
  /// The log tree's right edge at this size.
  package let edge: RightEdge
  /// Records in the log.
  package let recordCount: UInt64
  /// Ledger time of the latest entry.
  package let ledgerTime: Instant
  /// How final whatever is in this log is: a node whose own signature is a quorum makes it final.
  package let finality: Cairn_V1_Finality
  /// The checkpoint over exactly this log.
  package let checkpoint: SignedCheckpoint

  /// The view after the state's latest entry.
  package init(_ state: LedgerState, checkpoint: SignedCheckpoint) {
    ledgerID = state.ledgerID
    directory = state.directory
    edge = state.edge
    recordCount = state.recordCount
    ledgerTime = state.lastLedgerTime
    finality = state.directory.quorum(at: state.lastLedgerTime) == 1 ? .final : .anchored
    self.checkpoint = checkpoint
  }

  /// Entries in the log.
  package var logSize: UInt64 { edge.size }
}

extension LedgerReader {
  /// The view of what is on disk.
  package func view() throws -> LedgerView {
    guard let checkpoint = try checkpoint() else { throw Self.corrupt("the stored checkpoint is missing and the log") }
    return LedgerView(try state(), checkpoint: checkpoint)
  }
}

/// The latest view, handed from the writer to everyone who reads.
package final class PublishedView: Sendable {
  private struct State {
    var view: LedgerView
    var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextWatcher = 0
  }

  private let state: Mutex<State>

  /// Begins with the view at start.
  package init(_ view: LedgerView) { state = Mutex(State(view: view)) }

  /// The latest view.
  package var current: LedgerView { state.withLock { $0.view } }

  /// Replaces the view and wakes everyone who waits for a change.
  package func publish(_ view: LedgerView) {
    let watchers = state.withLock { state in
      state.view = view
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield() }
  }

  /// One element after each change, several changes at once counting as one. The first comes at once.
  package func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      defer { state.nextWatcher += 1 }
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    continuation.onTermination = { [weak self] _ in _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
    }
    continuation.yield()
    return stream
  }
}
