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
  /// The checkpoint over exactly this log.
  package let checkpoint: SignedCheckpoint
  /// The latest checkpoint with the members' cosignatures, if there is one.
  package private(set) var certificate: SignedCheckpoint?
  /// Whether a node's own signature is the quorum.
  private let isAlone: Bool

  /// The view after the state's latest entry; `certificate` covers a part of it.
  package init(_ state: LedgerState, checkpoint: SignedCheckpoint, certificate: SignedCheckpoint? = nil) {
    ledgerID = state.ledgerID
    directory = state.directory
    edge = state.edge
    recordCount = state.recordCount
    ledgerTime = state.lastLedgerTime
    isAlone = state.directory.quorum(at: state.lastLedgerTime) == 1
    self.checkpoint = checkpoint
    self.certificate = certificate
  }

  /// Entries in the log.
  package var logSize: UInt64 { edge.size }
  /// Entries that are final: those under the latest certificate. Where a node is its own quorum, all there are.
  package var certifiedSize: UInt64 { isAlone ? logSize : certificate?.size ?? 0 }

  /// How final the entry at `position` is.
  package func finality(at position: UInt64) -> Cairn_V1_Finality { position < certifiedSize ? .final : .anchored }

  /// The best checkpoint over the entry at `position`: the latest with the members' cosignatures, if that covers it, or this
  /// node's own.
  package func checkpoint(over position: UInt64) -> SignedCheckpoint {
    if let certificate, position < certificate.size { return certificate }
    return checkpoint
  }

  /// The same view under a later certificate; an earlier one changes nothing.
  fileprivate func certified(_ latest: SignedCheckpoint?) -> LedgerView {
    guard let latest, latest.size <= logSize, latest.size > certificate?.size ?? 0 else { return self }
    var view = self
    view.certificate = latest
    return view
  }
}

extension LedgerReader {
  /// The view of what is on disk.
  package func view() throws -> LedgerView {
    guard let checkpoint = try checkpoint() else { throw Self.corrupt("the stored checkpoint is missing and the log") }
    return LedgerView(try state(), checkpoint: checkpoint, certificate: try certificate())
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

  /// Replaces the view and wakes everyone who waits for a change. What was final stays final.
  package func publish(_ view: LedgerView) { replace { view.certified($0.certificate) } }

  /// Makes what the certificate covers final, and wakes everyone who waits for a change.
  package func publish(certificate: SignedCheckpoint) { replace { $0.certified(certificate) } }

  private func replace(_ next: (LedgerView) -> LedgerView) {
    let watchers = state.withLock { state in
      state.view = next(state.view)
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield() }
  }

  /// The view as soon as the entry at `position` is final in it, or at `deadline` as it is then.
  package func view(whereFinal position: UInt64, until deadline: ContinuousClock.Instant) async -> LedgerView {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in self.changes() where self.current.finality(at: position) == .final { return }
      }
      group.addTask { try? await ContinuousClock().sleep(until: deadline) }
      await group.next()
      group.cancelAll()
    }
    return current
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
