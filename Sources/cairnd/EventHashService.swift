import Logging
import Ordering
import Primitives
import RPCServices
import ServiceLifecycle
import Store

/// Computes event hashes: without a pause while the node is at rest; otherwise those of one chunk, less than a millisecond, in
/// each pause, which keeps up with some two thousand events a second and leaves the node to those who ask and record.
struct EventHashService: Service {
  /// How long nothing may have come before the node is at rest.
  private static let rest = Duration.seconds(1)
  /// Between two chunks of a node that is not.
  private static let pause = Duration.milliseconds(10)

  let node: Node
  let server: CairnServer
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var (seen, since) = (activity, ContinuousClock.now)
      while !Task.isCancelled {
        if activity != seen { (seen, since) = (activity, .now) }
        let isAtRest = ContinuousClock.now - since > Self.rest
        do throws(Failure) {
          if try !step(isAtRest ? EventHashIndex.stepRecords : 1) {
            try? await ContinuousClock().sleep(for: Self.rest)
          } else if isAtRest {
            await Task.yield()
          } else {
            try? await ContinuousClock().sleep(for: Self.pause)
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

  /// Changes with every call and every group of records.
  private var activity: [UInt64] { [node.orderer.takenRecordCount, server.callCount] }

  private func step(_ records: UInt64) throws(Failure) -> Bool {
    try node.hashes.step(over: node.store, upTo: node.views.current.recordCount, records: records)
  }
}
