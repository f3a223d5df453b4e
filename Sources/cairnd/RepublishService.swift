import Foundation
import Logging
import Ordering
import Primitives
import ServiceLifecycle
import Store
import SwiftProtobuf
import Wire

/// Gives the engine again what was taken out of the log when an epoch ended, batch by batch, until each is in the log or
/// refused in its place. What is in the log already is answered as such.
struct RepublishService: Service {
  /// Batches looked at in one read.
  private static let page = 16

  let store: Store
  let orderer: Orderer
  let logger: Logger

  func run() async throws {
    let count = try await store.heldBatchCount()
    if count > 0 { logger.info("\(count) batches of the epoch before are published again") }
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do throws(Failure) {
          guard try await republish() else {
            if count > 0 { logger.info("all batches of the epoch before are published again") }
            break
          }
        } catch {
          guard !Task.isCancelled else { break }
          logger.error("publishing again what an ended epoch left: \(error)")
          try? await ContinuousClock().sleep(for: .seconds(1))
        }
      }
    }
    try? await gracefulShutdown()
  }

  /// The next few; false when there are no more. Fails where the node cannot take batches now.
  private func republish() async throws(Failure) -> Bool {
    let held = try await store.heldBatches(after: 0, limit: Self.page)
    for batch in held {
      do throws(Failure) {
        guard let wire = try? Cairn_V1_Batch(serializedBytes: batch.bytes) else {
          throw Failure(.corrupt, "MALFORMED_BATCH", "a batch that was kept cannot be read")
        }
        _ = try await orderer.enqueueWhenRoom(wire).receipt()
      } catch {
        if error.kind == .unavailable { throw error }
        logger.warning("a batch of the epoch before is not in the log any more: \(error)")
      }
      try await store.releaseHeldBatches(through: batch.id)
    }
    return !held.isEmpty
  }
}
