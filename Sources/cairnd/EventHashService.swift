import Logging
import Ordering
import Primitives
import RPCServices
import ServiceLifecycle
import Store

/// Computes event hashes while the node is at rest: without a pause while nobody asks anything, those of one chunk, a
/// millisecond, in each pause while somebody does, and not at all while the writer is busy.
struct EventHashService: Service {
  /// How long the node is watched before it is known to be at rest.
  private static let pause = Duration.milliseconds(100)
  /// A writer that takes up more records than this in a pause is busy.
  private static let busyRecordCount: UInt64 = 100

  let node: Node
  let server: CairnServer
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        let (records, calls) = (node.orderer.takenRecordCount, server.callCount)
        try? await ContinuousClock().sleep(for: Self.pause)
        guard node.orderer.takenRecordCount - records <= Self.busyRecordCount else { continue }
        do throws(Failure) {
          if server.callCount != calls {
            _ = try step(records: 1)
          } else {
            while !Task.isCancelled, try step(), server.callCount == calls { await Task.yield() }
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

  private func step(records: UInt64 = EventHashIndex.stepRecords) throws(Failure) -> Bool {
    try node.hashes.step(over: node.store, upTo: node.views.current.recordCount, records: records)
  }
}
