import Ledger
import Primitives
import Provenance
import Store

/// Finds the records that hold an event of a given hash: in the index as far as it reaches, behind it by computing.
struct EventHashSearch {
  /// Most records behind the index whose hashes one question computes.
  static let maxBehind: UInt64 = 10_000
  /// What a client should wait that finds the index too far behind.
  private static let retryAfterMilliseconds = 5_000

  private let hashes: Set<EventHash>
  private let index: EventHashIndex?
  private let reached: UInt64
  private let behind: [UInt64]

  /// Looks for `hashes` among the first `end` records; unavailable HASH_INDEX_BEHIND where too many wait for the index.
  init(_ hashes: Set<EventHash>, in index: EventHashIndex?, reader: LedgerReader, end: UInt64) throws {
    self.hashes = hashes
    self.index = index
    reached = min(index?.reachedOrdinal ?? 0, end)
    guard end - reached <= Self.maxBehind else {
      throw Failure(
        .unavailable, "HASH_INDEX_BEHIND",
        "filter.event_hashes: \(end - reached) records wait for their hashes to be computed, which this node does when it "
          + "has nothing better to do; ask again later",
        metadata: ["records_behind": String(end - reached)], retryAfterMilliseconds: Self.retryAfterMilliseconds)
    }
    var behind: [UInt64] = []
    var next = reached
    while next < end, let chunk = try reader.chunk(containing: next), chunk.contains(next) {
      let last = chunk.firstOrdinal + UInt64(chunk.records.count)
      for ordinal in next..<min(last, end) {
        let found = EventHashIndex.hashes(of: chunk.record(ordinal).bytes)
        if found.contains(where: hashes.contains) { behind.append(ordinal) }
      }
      next = last
    }
    self.behind = behind
  }

  /// Up to `limit` records from the record `start` on, ascending; fewer only where there are no more.
  func ordinals(from start: UInt64, limit: Int) throws(Failure) -> [UInt64] {
    var found: [UInt64] = []
    if let index, start < reached {
      found = try index.postings.ordinals(
        matching: hashes.map { Term.eventHash($0).rawValue }, after: start == 0 ? nil : start - 1, below: reached,
        limit: limit)
    }
    return found + behind.drop { $0 < start }.prefix(limit - found.count)
  }

  /// Up to `limit` records below the record `end`, descending; fewer only where there are no more.
  func ordinals(below end: UInt64, limit: Int) throws(Failure) -> [UInt64] {
    let found = Array(behind.reversed().drop { $0 >= end }.prefix(limit))
    guard let index, found.count < limit else { return found }
    return try found
      + index.postings.ordinals(
        matching: hashes.map { Term.eventHash($0).rawValue }, below: min(reached, end), order: .newestFirst,
        limit: limit - found.count)
  }
}
