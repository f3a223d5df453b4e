import Consensus
import Foundation
import Ledger
import Primitives
import Signing
import Store
import Synchronization

/// Tells the other nodes, through the stream, what this node's clock shows and which log it has on its disk.
final class Marker: Sendable {
  private struct State {
    var pace = MarkPace()
    /// The number of the last mark that was sent, or that came back.
    var number: UInt64 = 0
  }

  let member: MemberID
  private let key: PrivateKey
  private let clock: @Sendable () -> Instant
  private let state = Mutex(State())
  private let signals: AsyncStream<Void>
  private let signal: AsyncStream<Void>.Continuation
  private static let start = ContinuousClock.now

  init(member: MemberID, key: PrivateKey, clock: @escaping @Sendable () -> Instant) {
    self.member = member
    self.key = key
    self.clock = clock
    (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// The log has so many entries on disk, and this key's marks were counted so far.
  func applied(logSize: UInt64, counted: UInt64) {
    let isDue = state.withLock { state in
      state.pace.applied(logSize: logSize)
      state.number = max(state.number, counted)
      return state.pace.due.map { $0 < Self.now + MarkPace.markInterval } ?? true
    }
    if isDue { signal.yield() }
  }

  /// Marks at its pace until cancelled. `send` hands a mark to the engine; false where it could not.
  func run(
    _ send: @Sendable (SignedMark) async -> Bool, log: @Sendable () -> (epoch: UInt64, ledger: Digest, LogPoint)?
  ) async {
    await withTaskGroup { group in
      group.addTask {
        while (try? await ContinuousClock().sleep(for: .seconds(1))) != nil { self.signal.yield() }
      }
      for await _ in signals {
        guard let due = self.due else { continue }
        if due > 0, (try? await ContinuousClock().sleep(for: .microseconds(due))) == nil { break }
        guard let (epoch, ledger, point) = log() else { continue }
        let number = state.withLock { state in
          state.number += 1
          state.pace.marked(logSize: point.size, at: Self.now)
          return state.number
        }
        let mark = Mark(ledgerID: ledger, epoch: epoch, number: number, clock: clock(), log: point)
        guard let signed = try? mark.signed(by: key), await send(signed) else {
          state.withLock { $0.pace.failed() }
          continue
        }
      }
      group.cancelAll()
    }
  }

  /// Microseconds until the next mark; nil where that is long, and something may happen before.
  private var due: Int64? {
    let now = Self.now
    guard let due = state.withLock({ $0.pace.due }) else { return 0 }
    return due < now + MarkPace.markInterval ? max(0, due - now) : nil
  }

  /// A clock that only goes forward, in microseconds.
  private static var now: Int64 { Int64((ContinuousClock.now - start) / .microseconds(1)) }
}
