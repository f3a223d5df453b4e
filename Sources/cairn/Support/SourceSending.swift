import Capture
import Client
import Ledger
import Outbox
import Primitives
import Synchronization
import Terminal
import Wire

/// Sends what was read of files, with a progress bar.
struct SourceSending {
  let options: BatchPlan.Options
  /// What a record of the files is called.
  var noun = "event"

  func send(_ sources: [SourceFile], _ courier: Courier) async throws(Failure) -> CaptureSummary {
    var options = options
    options.batchSize = min(options.batchSize, max(1, Int(courier.ledger.maxRecordsPerBatch)))
    options.batchBytes = min(
      options.batchBytes, max(Limits.recordBytes, Int(courier.ledger.maxBatchBytes) - Limits.headerBytes))
    let started = ContinuousClock.now
    var waiting = try courier.outbox.backlog().records
    for source in sources {
      let remaining = try BatchPlan.remaining(of: source, courier.outbox)
      waiting += remaining
      if remaining == 0 { try sayCaptured(source, courier.outbox) }
    }
    let summary = Mutex(CaptureSummary(noun: noun))
    let display = ProgressDisplay(ProgressBar(unit: "\(noun)s", total: waiting), on: .messages)
    let plan = Mutex(BatchPlan(sources, options: options))
    defer { display.finish() }
    try await courier.deliver { () throws(Failure) in
      try plan.withLock { plan throws(Failure) in try plan.next(courier.outbox, at: .now) }
    } onReceipt: { receipt in
      summary.withLock { $0.add(receipt) }
      display.advance(by: Int(receipt.recordCount))
    }
    return summary.withLock { summary in
      summary.duration = ContinuousClock.now - started
      return summary
    }
  }

  private func sayCaptured(_ source: SourceFile, _ outbox: Outbox) throws(Failure) {
    guard let positions = try outbox.progress(of: source.digest)?.positions else { return }
    Console.messages.line(
      "\(source.name.visible): recorded before, \(source.eventCount.counted(noun)) \(positions.words); nothing of it is sent"
    )
  }
}
