import Logging
import Primitives
import RPCServices
import ServiceLifecycle
import Store
import Synchronization

/// Turns an index's memory into segments and merges them, in steps of some milliseconds; while questions come they wait
/// with what can wait, so that answers do not.
///
/// While the disk is full it waits too; where a segment is damaged it leaves the rest to the next start, which makes the
/// index anew. The node goes on: the index is derived, and the writer flushes by itself what memory must not hold.
struct IndexService: Service {
  /// How long no call may have come before the next step is taken.
  private static let pause = Duration.milliseconds(100)

  let index: PostingIndex
  let server: CairnServer
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      let seen = Mutex<UInt64>(0)
      while !Task.isCancelled {
        do throws(Failure) {
          try await index.run { await giveWay(seen) }
        } catch {
          logger.error("index: \(error)")
          guard error.kind != .corrupt else { break }
          try? await ContinuousClock().sleep(for: .seconds(10))
        }
      }
    }
    try? await gracefulShutdown()
  }

  /// Waits until no call came since the last look, at most until work piles up.
  private func giveWay(_ seen: borrowing Mutex<UInt64>) async {
    while !Task.isCancelled, wasAsked(since: seen), !index.isPilingUp {
      try? await ContinuousClock().sleep(for: Self.pause)
    }
    await Task.yield()
  }

  private func wasAsked(since seen: borrowing Mutex<UInt64>) -> Bool {
    let count = server.callCount
    return seen.withLock { seen in
      defer { seen = count }
      return seen != count
    }
  }
}
