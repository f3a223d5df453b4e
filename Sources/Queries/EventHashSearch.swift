import Ledger
import Primitives
import Provenance
import Store
import Wire

/// Finds the records that hold an event of a given hash: in the index as far as it reaches, behind it by computing.
struct EventHashSearch {
  /// What a client should wait that finds the index too far behind.
  private static let retryAfterMilliseconds = 5_000

  private let hashes: Set<EventHash>
  private let index: EventHashIndex?
  private let reached: UInt64
  private let behind: [UInt64]

  /// Looks for `hashes` among the first `end` records; nil where there are none, unavailable HASH_INDEX_BEHIND where too
  /// many records wait for the index.
  init?(_ hashes: Set<EventHash>, in index: EventHashIndex?, reader: LedgerReader, end: UInt64) throws {
    guard !hashes.isEmpty else { return nil }
    self.hashes = hashes
    self.index = index
    reached = min(index?.reachedOrdinal ?? 0, end)
    guard end - reached <= EventHashIndex.maxBehind else {
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

  /// The records above `after` and below `below`, at most `limit` of them, as `PostingIndex.ordinals` gives them.
  func ordinals(
    after: UInt64?, below: UInt64, order: PostingIndex.Order, limit: Int
  ) throws(Failure) -> [UInt64] {
    let late = behind.filter { ordinal in ordinal < below && after.map { ordinal > $0 } ?? true }
    switch order {
    case .oldestFirst:
      let early = try indexed(after: after, below: below, order: order, limit: limit)
      return early + late.prefix(limit - early.count)
    case .newestFirst:
      let found = Array(late.reversed().prefix(limit))
      return try found + indexed(after: after, below: below, order: order, limit: limit - found.count)
    }
  }

  private func indexed(
    after: UInt64?, below: UInt64, order: PostingIndex.Order, limit: Int
  ) throws(Failure) -> [UInt64] {
    guard let index, limit > 0 else { return [] }
    return try index.postings.ordinals(
      matching: hashes.map { Term.eventHash($0).rawValue }, after: after, below: min(below, reached), order: order,
      limit: limit)
  }
}

extension [Cairn_V1_RecordedEvent] {
  /// The events of a page with their hashes, which cost some 20 microseconds each.
  var withHashes: Self {
    map { event in
      var event = event
      event.eventHash = EventHash(of: event.event)?.description ?? ""
      event.eventIDIsFalseHash = EventHash.isFalselyClaimed(by: event.event)
      return event
    }
  }
}
