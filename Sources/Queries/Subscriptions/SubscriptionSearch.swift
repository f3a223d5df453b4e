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
  /// What one look reads of master data: the others wait meanwhile.
  static let masterDataBudget = DescriptionSearch.Budget(examined: 2_000, hidden: 20_000)

  private let reader: LedgerReader
  private let index: PostingIndex
  private let filter: EventFilter
  private let terms: Set<UInt64>
  private let limit: Int
  private var matcher: EventMatcher
  private(set) var page: SubscriptionPage

  /// A look by what `descriptions` may be read below the number `end`.
  init(_ search: Switchboard.Search, reader: LedgerReader, descriptions: Descriptions, end: UInt64) {
    self.reader = reader
    index = descriptions.index
    filter = search.follower.filter
    terms = search.follower.terms
    limit = search.limit
    page = search.page
    matcher = EventMatcher(filter, descriptions, reader, end: end, budget: Self.masterDataBudget)
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

  /// Gives the number below which it has looked at all records if the look ends before the last of these.
  private mutating func consider(_ ordinals: [UInt64]) throws -> UInt64? {
    if page.isFull(limit) { return ordinals.first }
    for record in try reader.records(ordinals: ordinals) {
      if let through = try consider(record) { return through }
    }
    return nil
  }

  /// Where the look ends: behind a record with which the page is full, before one that has to wait for the next look.
  private mutating func consider(_ record: StoredRecord) throws -> UInt64? {
    guard try matcher.mayRead(record) else { return nil }
    switch try matcher.match(record) {
    case .unwanted: return nil
    case .undecided: return record.ordinal
    case .wanted(let event):
      page.append(event, ordinal: record.ordinal, bytes: record.bytes.count)
      return page.isFull(limit) ? record.ordinal + 1 : nil
    }
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
        if let through = try consider(record) { return through }
      }
      next = chunkEnd
    }
    return next
  }
}
