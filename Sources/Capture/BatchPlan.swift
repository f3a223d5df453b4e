import FoundationEssentials
import Ledger
package import Outbox
package import Primitives
package import Wire

/// Makes batches of source files, file after file, each from where it was left.
package struct BatchPlan: Sendable {
  /// How batches are made.
  package struct Options: Sendable {
    /// Records in a batch, 1 to 10,000.
    package var batchSize = 500
    /// Bytes of records in a batch.
    package var batchBytes = Limits.batchBytes - Limits.headerBytes
    /// How far the clock can be trusted.
    package var clockQuality = Cairn_V1_ClockQuality.unknown
    /// What a bad record does to the others.
    package var onError = Cairn_V1_OnError.rejectBatch

    /// 500 records a batch, an unknown clock, and a bad record refuses its batch.
    package init() {}
  }

  /// What protobuf puts before each record, at most.
  private static let overhead = 5

  private let files: [SourceFile]
  private let options: Options
  private var file = 0
  private var record: Int?

  /// Batches of what is left of `files`.
  package init(_ files: [SourceFile], options: Options) {
    self.files = files
    self.options = options
  }

  /// The next batch; nil when all files are done.
  package mutating func next(_ outbox: Outbox, at now: Instant) throws(Failure) -> BatchDraft? {
    while file < files.count {
      let source = files[file]
      let start = if let record { record } else { try Self.firstRecord(of: source, outbox) }
      guard start < source.records.count else {
        file += 1
        record = nil
        continue
      }
      let end = self.end(of: source, from: start)
      record = end
      let isLast = end == source.records.count
      return BatchDraft(
        records: source.records[start..<end].map(\.bytes), createdAt: now, clockQuality: options.clockQuality,
        onError: options.onError,
        source: SourceMark(
          digest: source.digest, name: source.name, eventCount: source.eventCount,
          eventsDone: isLast ? source.eventCount : source.records[end - 1].eventIndex + 1))
    }
    return nil
  }

  /// The events of `file` that no batch holds yet.
  package static func remaining(of file: SourceFile, _ outbox: Outbox) throws(Failure) -> Int {
    file.records.count - (try firstRecord(of: file, outbox))
  }

  private static func firstRecord(of file: SourceFile, _ outbox: Outbox) throws(Failure) -> Int {
    guard let done = try outbox.progress(of: file.digest)?.eventsDone else { return 0 }
    return file.records.firstIndex { $0.eventIndex >= done } ?? file.records.count
  }

  private func end(of file: SourceFile, from start: Int) -> Int {
    var bytes = 0
    var end = start
    while end < file.records.count, end - start < options.batchSize {
      bytes += file.records[end].bytes.count + Self.overhead
      if bytes > options.batchBytes, end > start { break }
      end += 1
    }
    return end
  }
}
