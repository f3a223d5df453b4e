import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// Finds the events that a caller may read in ledger order: candidates from the most selective source there is, each
/// compared with the whole filter.
///
/// What a page's end tells: a page that is not full ends after 20,000 records that its caller may read, after 100,000 that
/// it may not, or after 100,000 chunks of the log whose times do not fit. So an answer may tell that a term has 100,000
/// hidden records, never that it has fewer. That there are hidden records, and where, is no secret; what they are about is.
struct EventSearch {
  /// Most records that one page looks at.
  static let maxCandidates = 20_000
  /// Most records that one page passes over because the caller may not read them.
  static let maxHidden = 100_000
  /// Most chunks of the log that one page passes over because of their times.
  static let maxSkippedChunks = 100_000
  /// A page is closed when its records have this many bytes.
  static let pageBytes = 2 << 20

  /// Records to look at next, and from where to look for more after them; nil when there are none.
  private typealias Candidates = (records: [StoredRecord], next: UInt64?)

  private static let chunkStep = 4_096

  let reader: LedgerReader
  let index: PostingIndex
  let filter: EventFilter
  /// Records from this number on are not looked at.
  let end: UInt64
  let scope: ReadingScope
  /// Where to look when events are asked for by their hashes.
  var byHash: EventHashSearch?

  /// Events from the record `start` on, and where the next page begins.
  func page(from start: UInt64, limit: Int) throws -> (events: [Cairn_V1_RecordedEvent], next: UInt64?) {
    var events: [Cairn_V1_RecordedEvent] = []
    var assembler = EventAssembler(scope)
    var next: UInt64? = start
    var (examined, hidden, skipped, bytes) = (0, 0, 0, 0)
    while let from = next, from < end, examined < Self.maxCandidates, hidden < Self.maxHidden,
      skipped < Self.maxSkippedChunks
    {
      let candidates = try candidates(from: from)
      if candidates.records.isEmpty { skipped += Self.chunkStep }
      next = candidates.next
      for candidate in candidates.records where candidate.ordinal < end {
        guard try assembler.mayRead(candidate) else {
          hidden += 1
          continue
        }
        examined += 1
        guard let event = try assembler.event(candidate, matching: filter) else { continue }
        events.append(event)
        bytes += candidate.bytes.count
        if events.count == limit || bytes >= Self.pageBytes {
          next = candidate.ordinal + 1
          return (events, candidate.ordinal + 1 < end ? next : nil)
        }
      }
    }
    return (events, next.flatMap { $0 < end ? $0 : nil })
  }

  private func candidates(from start: UInt64) throws -> Candidates {
    let limit = 128
    if let byHash {
      let ordinals = try byHash.ordinals(from: start, limit: limit)
      return (try reader.records(ordinals: ordinals), ordinals.count < limit ? nil : ordinals.last.map { $0 + 1 })
    }
    let terms = filter.terms
    if !terms.isEmpty {
      let after = start == 0 ? nil : start - 1
      let ordinals = try index.ordinals(matching: terms, after: after, below: end, limit: limit)
      return (try reader.records(ordinals: ordinals), ordinals.count < limit ? nil : ordinals.last.map { $0 + 1 })
    }
    return try filter.authors.isEmpty ? chunkByTime(from: start) : chunkByAuthor(from: start)
  }

  private func chunkByTime(from start: UInt64) throws -> Candidates {
    let found = try reader.chunks(
      from: start, eventTimeFrom: filter.eventTime.from ?? .earliest,
      before: filter.eventTime.before ?? Instant(microseconds: .max), limit: 2, looking: Self.chunkStep)
    for first in found.matching {
      guard let chunk = try reader.chunk(containing: first) else { continue }
      let candidates = Self.records(of: chunk, from: start)
      if !candidates.records.isEmpty { return candidates }
    }
    return ([], found.next)
  }

  /// The chunk that holds `start` if one of the authors signed it, otherwise the first of their next batch.
  private func chunkByAuthor(from start: UInt64) throws -> Candidates {
    guard let here = try reader.chunk(containing: start), let batch = try reader.batch(at: here.position) else {
      return ([], nil)
    }
    if filter.authors.contains(batch.header.authorKeyID) { return Self.records(of: here, from: start) }
    var after = batch.firstOrdinal
    let terms = filter.authors.map { Term.author($0).rawValue }
    while let ordinal = try index.ordinals(matching: terms, after: after, below: end, limit: 1).first {
      if let chunk = try reader.chunk(containing: ordinal), let batch = try reader.batch(at: chunk.position),
        filter.authors.contains(batch.header.authorKeyID)
      {
        return Self.records(of: chunk, from: ordinal)
      }
      after = ordinal
    }
    return ([], nil)
  }

  private static func records(of chunk: StoredChunk, from start: UInt64) -> Candidates {
    let end = chunk.firstOrdinal + UInt64(chunk.records.count)
    guard start < end else { return ([], end) }
    return ((max(start, chunk.firstOrdinal)..<end).map(chunk.record), end)
  }
}

extension EventFilter {
  /// Index keys of the most selective field that is given; empty when no indexed field is.
  var terms: [UInt64] {
    if !eventIDs.isEmpty { return eventIDs.map { Term.eventID($0).rawValue } }
    if !items.isEmpty { return items.map { Term.item($0).rawValue } }
    if !readPoints.isEmpty { return readPoints.map { Term.readPoint($0).rawValue } }
    if !bizLocations.isEmpty { return bizLocations.map { Term.bizLocation($0).rawValue } }
    return places.flatMap { [Term.readPoint($0).rawValue, Term.bizLocation($0).rawValue] }
  }
}
