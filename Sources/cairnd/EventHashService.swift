import Logging
import Ordering
import Primitives
import ServiceLifecycle
import Store

/// Computes event hashes while the node is at rest: not at all while the writer is busy, a little while it has little to
/// do, and for half of the time while it has nothing to do.
struct EventHashService: Service {
  /// How long the node is watched before it is known to be at rest.
  private static let pause = Duration.milliseconds(100)
  /// A writer that takes up more records than this in a pause is busy.
  private static let busyRecordCount: UInt64 = 100

  let node: Node
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var taken = node.orderer.takenRecordCount
      while !Task.isCancelled {
        try? await ContinuousClock().sleep(for: Self.pause)
        let count = node.orderer.takenRecordCount
        do throws(Failure) {
          try await work(afterTaking: count - taken)
        } catch {
          logger.error("event hashes: \(error)")
          guard error.kind != .corrupt else { break }
          try? await ContinuousClock().sleep(for: .seconds(10))
        }
        taken = count
      }
    }
    try? await gracefulShutdown()
  }

  private func work(afterTaking count: UInt64) async throws(Failure) {
    guard count <= Self.busyRecordCount else { return }
    let share = Duration.milliseconds(count == 0 ? 100 : 20)
    let start = ContinuousClock.now
    while !Task.isCancelled, ContinuousClock.now - start < share,
      try node.hashes.step(over: node.store, upTo: node.views.current.recordCount)
    {
      await Task.yield()
    }
  }
}
