import Consortium
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// One receiver's look at the log: a bounded piece of work, which ends where the page is full, where there is no more, or
/// where others have their turn.
struct SubscriptionSearch {
  /// Most records that one look takes from the index.
  static let maxCandidates = 256
  /// Most records that one look passes over where the index does not help.
  static let maxScanned = 2_048

  private let reader: LedgerReader
  private let index: PostingIndex
  private let filter: EventFilter
  private let terms: Set<UInt64>
  private let limit: Int
  private var assembler: EventAssembler
  private(set) var page: SubscriptionPage

  init(_ search: Switchboard.Search, reader: LedgerReader, index: PostingIndex, scope: ReadingScope) {
    self.reader = reader
    self.index = index
    filter = search.follower.filter
    terms = search.follower.terms
    limit = search.limit
    page = search.page
    assembler = EventAssembler(scope)
  }

  /// Adds to the page; gives the number below which all records were looked at.
  mutating func run(_ phase: Receiver.Phase, end: UInt64) throws -> UInt64 {
    switch phase {
    case .following(let candidates):
      let some = Array(candidates.prefix(step))
      return try consider(some) ?? some.last.map { $0 + 1 } ?? 0
    case .searching(let start) where start >= end: return end
    case .searching(let start):
      guard !terms.isEmpty else { return try scan(from: start, end: end) }
      let found = try index.ordinals(
        matching: Array(terms), after: start == 0 ? nil : start - 1, below: end, limit: step)
      return try consider(found) ?? (found.count < step ? end : found.last.map { $0 + 1 } ?? end)
    }
  }

  /// No more than are likely to fit.
  private var step: Int { min(Self.maxCandidates, 16 + 2 * max(0, limit - page.events.count)) }

  /// Gives the number after the last record it looked at if the page became full.
  private mutating func consider(_ ordinals: [UInt64]) throws -> UInt64? {
    if page.isFull(limit) { return ordinals.first }
    for record in try reader.records(ordinals: ordinals) {
      if try consider(record) { return record.ordinal + 1 }
    }
    return nil
  }

  /// Whether the page is full with this record.
  private mutating func consider(_ record: StoredRecord) throws -> Bool {
    guard try assembler.mayRead(record), let event = try assembler.event(record, matching: filter) else { return false }
    page.append(event, ordinal: record.ordinal, bytes: record.bytes.count)
    return page.isFull(limit)
  }

  private mutating func scan(from start: UInt64, end: UInt64) throws -> UInt64 {
    if page.isFull(limit) { return start }
    var names = StepNames()
    var next = start
    while next < end, next - start < UInt64(Self.maxScanned) {
      guard let chunk = try reader.chunk(containing: next), chunk.contains(next) else {
        throw LedgerReader.corrupt("record number \(next) is missing and the log")
      }
      let author = try BatchHeader(try LogEntry(chunk.place.entry).header).authorKeyID
      let chunkEnd = min(end, chunk.firstOrdinal + UInt64(chunk.records.count))
      for ordinal in next..<chunkEnd {
        let record = chunk.record(ordinal)
        let step = filter.bizSteps.isEmpty ? nil : names.step(of: EventGlance(record: record.bytes))
        guard filter.mayMatch(author: author, step: step) else { continue }
        if try consider(record) { return ordinal + 1 }
      }
      next = chunkEnd
    }
    return next
  }
}
