import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store

/// Records that may hold events which a filter wants, in ledger order or against it, from the most selective source there is:
/// the index, the batches of some authors, or the chunks of the log by their times.
struct EventCandidates {
  /// A few records in order, from where to look for more, and what was passed over on the way.
  struct Step {
    var records: [StoredRecord] = []
    /// Nil when there are no more.
    var next: UInt64?
    /// Chunks, or places in the index, that were passed over because of their times.
    var skipped = 0
  }

  private static let indexStep = 128
  private static let chunkStep = 4_096

  let reader: LedgerReader
  let index: PostingIndex
  let filter: EventFilter
  private let terms: [UInt64]
  private let byHash: EventHashSearch?
  let isDescending: Bool
  /// The records that the answer is computed from have lower numbers.
  let end: UInt64
  /// Only records with these numbers are looked at.
  let window: Range<UInt64>

  /// Candidates among the first `end` records; those that `byHash` finds, if there is one.
  init(
    reader: LedgerReader, index: PostingIndex, filter: EventFilter, end: UInt64, isDescending: Bool,
    byHash: EventHashSearch? = nil
  ) throws {
    self.reader = reader
    self.index = index
    self.filter = filter
    self.isDescending = isDescending
    self.end = end
    self.byHash = byHash
    terms = filter.terms(in: index)
    window = try reader.ordinals(
      below: end, orderedFrom: filter.ledgerTime.from, before: filter.ledgerTime.before)
  }

  /// Where to begin; nil when there is nothing to look at.
  var start: UInt64? { window.isEmpty ? nil : isDescending ? window.upperBound : window.lowerBound }

  /// The candidates that come next from `cursor` on: the first record to look at or, descending, the one behind it.
  func step(from cursor: UInt64) throws -> Step {
    let step =
      if byHash != nil || !terms.isEmpty {
        try isDescending ? indexed(below: cursor) : indexed(from: cursor)
      } else if filter.authors.isEmpty {
        try isDescending ? chunk(below: cursor) : chunk(from: cursor)
      } else {
        try isDescending ? authored(below: cursor) : authored(from: cursor)
      }
    return clipped(step)
  }

  private func clipped(_ step: Step) -> Step {
    var step = step
    step.records.removeAll { !window.contains($0.ordinal) }
    step.next = step.next.flatMap { next in
      (isDescending ? next > window.lowerBound : next < window.upperBound) ? next : nil
    }
    return step
  }

  private var eventTime: (from: Instant, before: Instant) {
    (filter.eventTime.from ?? .earliest, filter.eventTime.before ?? Instant(microseconds: .max))
  }

  private func indexed(from cursor: UInt64) throws -> Step {
    var cursor = cursor
    if !filter.eventTime.isUnbounded {
      let found = try reader.chunks(
        from: cursor, eventTimeFrom: eventTime.from, before: eventTime.before, limit: 1, looking: Self.chunkStep)
      guard let first = found.matching.first else { return Step(next: found.next, skipped: Self.chunkStep) }
      cursor = max(cursor, first)
    }
    let ordinals = try ordinals(
      after: cursor == 0 ? nil : cursor - 1, below: window.upperBound, order: .oldestFirst)
    return try step(ordinals, next: ordinals.count < Self.indexStep ? nil : ordinals.last.map { $0 + 1 })
  }

  private func indexed(below cursor: UInt64) throws -> Step {
    let lower = window.lowerBound
    let ordinals = try ordinals(after: lower == 0 ? nil : lower - 1, below: cursor, order: .newestFirst)
    var step = try step(ordinals.reversed(), next: ordinals.count < Self.indexStep ? nil : ordinals.last)
    step.records.reverse()
    return step
  }

  private func ordinals(after: UInt64?, below: UInt64, order: PostingIndex.Order) throws -> [UInt64] {
    try byHash?.ordinals(after: after, below: below, order: order, limit: Self.indexStep)
      ?? index.ordinals(matching: terms, after: after, below: below, order: order, limit: Self.indexStep)
  }

  /// The records of ascending numbers, except in chunks whose events have other times.
  private func step(_ ordinals: [UInt64], next: UInt64?) throws -> Step {
    let wanted =
      filter.eventTime.isUnbounded
      ? ordinals
      : try reader.ordinals(ordinals, inChunksFrom: eventTime.from, before: eventTime.before)
    return Step(records: try reader.records(ordinals: wanted), next: next, skipped: ordinals.count - wanted.count)
  }

  private func chunk(from cursor: UInt64) throws -> Step {
    let found = try reader.chunks(
      from: cursor, eventTimeFrom: eventTime.from, before: eventTime.before, limit: 2, looking: Self.chunkStep)
    for first in found.matching {
      guard let chunk = try reader.chunk(containing: first), chunk.end > cursor else { continue }
      return Step(records: chunk.records(from: cursor), next: chunk.end)
    }
    return Step(next: found.next, skipped: Self.chunkStep)
  }

  private func chunk(below cursor: UInt64) throws -> Step {
    let found = try reader.chunk(
      below: cursor, eventTimeFrom: eventTime.from, before: eventTime.before, looking: Self.chunkStep)
    guard let first = found.matching.first, let chunk = try reader.chunk(containing: first) else {
      return Step(next: found.next, skipped: Self.chunkStep)
    }
    return Step(records: chunk.records(below: cursor), next: chunk.firstOrdinal)
  }
}
