import Logging
import Ordering
import Primitives
import RPCServices
import ServiceLifecycle
import Store

/// Computes event hashes: without a pause while the node is at rest; otherwise those of one chunk, less than a millisecond, in
/// each pause. The pauses are short while that keeps the index close enough to the log for `find by hash`, some two thousand
/// events a second. Where it is too far behind for that, say after an import, those who ask now come first.
struct EventHashService: Service {
  /// How long nothing may have come before the node is at rest.
  private static let rest = Duration.seconds(1)
  /// Between two chunks of a node that is not.
  private static let shortPause = Duration.milliseconds(10)
  /// Between two chunks while questions come and nobody is helped by haste.
  private static let longPause = Duration.milliseconds(100)
  /// Records behind the log below which there is no haste.
  private static let littleBehind = EventHashIndex.maxBehind / 10

  let node: Node
  let server: CairnServer
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var (recorded, asked) = (Activity(), Activity())
      while !Task.isCancelled {
        recorded.look(at: node.orderer.takenRecordCount)
        asked.look(at: server.callCount)
        let isAtRest = !recorded.isRecent(Self.rest) && !asked.isRecent(Self.rest)
        do throws(Failure) {
          if try !step(isAtRest ? EventHashIndex.stepRecords : 1) {
            try? await ContinuousClock().sleep(for: Self.rest)
          } else if isAtRest {
            await Task.yield()
          } else {
            try? await ContinuousClock().sleep(for: pause(isAsked: asked.isRecent(Self.rest)))
          }
        } catch {
          logger.error("event hashes: \(error)")
          guard error.kind != .corrupt else { break }
          try? await ContinuousClock().sleep(for: .seconds(10))
        }
      }
    }
    try? await gracefulShutdown()
  }

  private func pause(isAsked: Bool) -> Duration {
    let count = node.views.current.recordCount
    let behind = count - min(node.hashes.reachedOrdinal, count)
    let helps = (Self.littleBehind...EventHashIndex.maxBehind).contains(behind)
    return isAsked && !helps ? Self.longPause : Self.shortPause
  }

  private func step(_ records: UInt64) throws(Failure) -> Bool {
    try node.hashes.step(over: node.store, upTo: node.views.current.recordCount, records: records)
  }
}

/// When a count changed last.
private struct Activity {
  private var count: UInt64 = 0
  private var changed = ContinuousClock.now

  mutating func look(at now: UInt64) {
    if now != count { (count, changed) = (now, .now) }
  }

  func isRecent(_ span: Duration) -> Bool { ContinuousClock.now - changed <= span }
}
