package import Ledger
import Synchronization

/// The newest batches as the writer had them in hand, so that nobody reads from disk what has just been written. Kept only
/// while somebody follows the log, and never more than a bound: who comes too late reads the log.
package final class RecentBatches: Sendable {
  /// Most bytes that are kept, records and what the index was told of them.
  static let maxBytes = 16 << 20

  fileprivate struct State {
    var isWanted = false
    var batches: [AppliedBatch] = []
    /// Batches before this index are gone.
    var head = 0
    var bytes = 0
  }

  private let state = Mutex(State())

  /// Empty, and wanted by nobody.
  package init() {}

  /// Takes what has just become visible, in the order of the log. For the writer: a lock and a few references.
  package func add(_ group: [AppliedBatch]) {
    state.withLock { state in
      guard state.isWanted else { return }
      for batch in group {
        state.batches.append(batch)
        state.bytes += Self.size(batch)
      }
      while state.bytes > Self.maxBytes { state.removeFirst() }
      state.compact()
    }
  }

  /// Begins to keep what comes, or forgets what there is.
  func want(_ isWanted: Bool) {
    state.withLock { state in
      guard isWanted != state.isWanted else { return }
      state = State(isWanted: isWanted)
    }
  }

  /// The batches from the one that holds the record `ordinal` on, `limit` at most; nil when that one is not kept.
  func batches(from ordinal: UInt64, limit: Int) -> [AppliedBatch]? {
    state.withLock { state in
      let kept = state.batches[state.head...]
      guard let first = kept.first, first.firstOrdinal <= ordinal else { return nil }
      var (low, high) = (kept.startIndex, kept.endIndex)
      while high - low > 1 {
        let middle = low + (high - low) / 2
        if kept[middle].firstOrdinal <= ordinal { low = middle } else { high = middle }
      }
      guard ordinal < kept[low].endOrdinal else { return nil }
      return Array(kept[low...].prefix(limit))
    }
  }

  /// Forgets the batches whose records are all below `ordinal`.
  func release(below ordinal: UInt64) {
    state.withLock { state in
      while state.head < state.batches.count, state.batches[state.head].endOrdinal <= ordinal { state.removeFirst() }
      state.compact()
    }
  }

  fileprivate static func size(_ batch: AppliedBatch) -> Int {
    1_024 + batch.batch.byteCount + batch.batch.postings.count * MemoryLayout<RelativePosting>.stride
  }
}

extension RecentBatches.State {
  mutating func removeFirst() {
    bytes -= RecentBatches.size(batches[head])
    head += 1
  }

  /// Gives the memory back once half of it is of batches that are gone.
  mutating func compact() {
    guard head > 0, head * 2 >= batches.count else { return }
    batches.removeFirst(head)
    head = 0
  }
}

extension AppliedBatch {
  /// The number of the first record after this batch.
  var endOrdinal: UInt64 { firstOrdinal + UInt64(batch.records.count) }
}
