#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Foundation
import Logging
import Ordering
import Primitives
import ServiceLifecycle
import Store
import Synchronization

/// Computes event hashes in a thread that the kernel runs while a processor has nothing else to do: not at all while the
/// writer is busy, and never in the way of an answer.
struct EventHashService: Service {
  let node: Node
  let logger: Logger

  func run() async throws {
    let worker = Worker(node: node, logger: logger)
    let (end, ended) = AsyncStream.makeStream(of: Never.self)
    let thread = Thread {
      worker.run()
      ended.finish()
    }
    thread.name = "event hashes"
    thread.start()
    try? await gracefulShutdown()
    worker.stop()
    for await _ in end {}
  }
}

extension EventHashService {
  fileprivate final class Worker: Sendable {
    /// How long the node is watched before it is known to be at rest.
    private static let pause = 0.1
    /// So many pauses are made after a failure.
    private static let pausesAfterFailure = 100
    /// A writer that takes up more records than this in a pause is busy.
    private static let busyRecordCount: UInt64 = 100

    private let node: Node
    private let logger: Logger
    private let isStopped = Atomic(false)

    init(node: Node, logger: Logger) {
      self.node = node
      self.logger = logger
    }

    /// Has `run` return after the step that it is at.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Works until stopped, or until the index turns out to be damaged, which the next start mends.
    func run() {
      Self.yieldToEverything()
      var pauses = 1
      while !isStopped.load(ordering: .relaxed) {
        let before = node.orderer.takenRecordCount
        Thread.sleep(forTimeInterval: Self.pause)
        pauses -= 1
        guard pauses <= 0 else { continue }
        do throws(Failure) {
          while isAtRest(since: before), try step() {}
        } catch {
          logger.error("event hashes: \(error)")
          guard error.kind != .corrupt else { return }
          pauses = Self.pausesAfterFailure
        }
      }
    }

    private func isAtRest(since before: UInt64) -> Bool {
      !isStopped.load(ordering: .relaxed) && node.orderer.takenRecordCount - before <= Self.busyRecordCount
    }

    private func step() throws(Failure) -> Bool {
      try node.hashes.step(over: node.store, upTo: node.views.current.recordCount)
    }

    /// Gives this thread the lowest rank there is.
    private static func yieldToEverything() {
      #if os(Linux)
        // SCHED_IDLE of linux/sched.h, which Glibc's module does not show.
        var rank = sched_param()
        _ = sched_setscheduler(0, 5, &rank)
      #else
        _ = pthread_set_qos_class_self_np(QOS_CLASS_BACKGROUND, 0)
      #endif
    }
  }
}
