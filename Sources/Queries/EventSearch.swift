import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// Finds events in ledger order: candidates from the most selective source there is, each compared with the whole filter.
struct EventSearch {
  /// Most records that one page looks at.
  static let maxCandidates = 20_000
  /// A page is closed when its records have this many bytes.
  static let pageBytes = 2 << 20

  let reader: LedgerReader
  let index: PostingIndex
  let filter: EventFilter
  /// Records from this number on are not looked at.
  let end: UInt64
  let directory: Directory

  /// Events from the record `start` on, and where the next page begins.
  func page(from start: UInt64, limit: Int) throws -> (events: [Cairn_V1_RecordedEvent], next: UInt64?) {
    var events: [Cairn_V1_RecordedEvent] = []
    var assembler = EventAssembler(directory: directory)
    var next = start
    var examined = 0
    var bytes = 0
    while next < end {
      let candidates = try candidates(from: next)
      guard let last = candidates.last else { return (events, nil) }
      for candidate in candidates where candidate.ordinal < end {
        next = candidate.ordinal + 1
        examined += 1
        guard let event = try assembler.event(candidate, matching: filter) else { continue }
        events.append(event)
        bytes += candidate.bytes.count
        if events.count == limit || bytes >= Self.pageBytes { return (events, next < end ? next : nil) }
      }
      if last.ordinal >= end { return (events, nil) }
      if examined >= Self.maxCandidates { return (events, next < end ? next : nil) }
    }
    return (events, nil)
  }

  /// The next records that may match, ascending, from `start` on; empty when there are none.
  private func candidates(from start: UInt64) throws -> [StoredRecord] {
    let terms = filter.terms
    if !terms.isEmpty {
      let after = start == 0 ? nil : start - 1
      return try reader.records(ordinals: try index.ordinals(matching: terms, after: after, below: end, limit: 128))
    }
    let chunk = filter.authors.isEmpty ? try chunkByTime(from: start) : try chunkByAuthor(from: start)
    guard let chunk else { return [] }
    let first = max(start, chunk.firstOrdinal)
    return (first..<chunk.firstOrdinal + UInt64(chunk.records.count)).map(chunk.record)
  }

  private func chunkByTime(from start: UInt64) throws -> StoredChunk? {
    let found = try reader.chunks(
      from: start, from: filter.eventTime.from ?? .earliest,
      before: filter.eventTime.before ?? Instant(microseconds: .max),
      limit: 2)
    for first in found {
      if let chunk = try reader.chunk(containing: first), chunk.firstOrdinal + UInt64(chunk.records.count) > start {
        return chunk
      }
    }
    return nil
  }

  /// The chunk that holds `start` if one of the authors signed it, otherwise the first of their next batch.
  private func chunkByAuthor(from start: UInt64) throws -> StoredChunk? {
    guard let here = try reader.chunk(containing: start), let batch = try reader.batch(at: here.position) else {
      return nil
    }
    if filter.authors.contains(batch.header.authorKeyID) { return here }
    var after = batch.firstOrdinal
    let terms = filter.authors.map { Term.author($0).rawValue }
    while let ordinal = try index.ordinals(matching: terms, after: after, below: end, limit: 1).first {
      if let batch = try reader.batch(holding: ordinal), filter.authors.contains(batch.header.authorKeyID) {
        return try reader.chunk(containing: ordinal)
      }
      after = ordinal
    }
    return nil
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
