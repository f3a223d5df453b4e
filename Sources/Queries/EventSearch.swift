import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// Finds the events that a caller may read in ledger order, or against it: candidates, each compared with the whole filter.
///
/// What a page's end tells: a page that is not full ends after 20,000 records, or 32 MiB, that its caller may read, after
/// 100,000 that it may not, or after 100,000 chunks of the log whose times do not fit. So an answer may tell that a term has 100,000
/// hidden records, never that it has fewer. That there are hidden records, and where, is no secret; what they are about is.
struct EventSearch {
  /// Most records that one page looks at.
  static let maxCandidates = 20_000
  /// Most bytes of records that one page looks at: what a filter costs grows with what it is compared with.
  static let maxCandidateBytes = 32 << 20
  /// Most records that one page passes over because the caller may not read them.
  static let maxHidden = 100_000
  /// Most chunks of the log, or places of the index, that one page passes over because of their times.
  static let maxSkipped = 100_000
  /// The same where all events that match are gathered at once.
  static let maxSkippedByAll = 1_000_000
  /// A page is closed when its records have this many bytes.
  static let pageBytes = 2 << 20

  /// What was looked at so far.
  private struct Effort {
    let maxSkipped: Int
    var examined = 0
    var bytes = 0
    var hidden = 0
    var skipped = 0

    var isExhausted: Bool {
      examined >= maxCandidates || bytes >= maxCandidateBytes || hidden >= maxHidden || skipped >= maxSkipped
    }
  }

  let candidates: EventCandidates
  /// What the caller may read, of master data too.
  let descriptions: Descriptions

  /// Events from the cursor on, and where the next page begins; nil begins at the start.
  func page(from cursor: UInt64?, limit: Int) throws -> (events: [Cairn_V1_RecordedEvent], next: UInt64?) {
    var events: [Cairn_V1_RecordedEvent] = []
    var bytes = 0
    let next = try visit(from: cursor, skipping: Self.maxSkipped) { record, event in
      events.append(event)
      bytes += record.bytes.count
      return events.count < limit && bytes < Self.pageBytes
    }
    return (events, next)
  }

  /// Hands over the events that match, from the cursor on, until one is the last that is wanted or enough was looked at and
  /// passed over, also of master data; gives where to go on, nil at the end.
  func visit(
    from cursor: UInt64?, skipping maxSkipped: Int, _ take: (StoredRecord, Cairn_V1_RecordedEvent) throws -> Bool
  ) throws -> UInt64? {
    var matcher = EventMatcher(candidates.filter, descriptions, candidates.reader, end: candidates.end)
    var effort = Effort(maxSkipped: maxSkipped)
    var next = cursor ?? candidates.start
    while let from = next, !effort.isExhausted {
      let step = try candidates.step(from: from)
      effort.skipped += step.skipped
      next = step.next
      for record in step.records {
        guard try matcher.mayRead(record) else {
          effort.hidden += 1
          continue
        }
        effort.examined += 1
        effort.bytes += record.bytes.count
        switch try matcher.match(record) {
        case .unwanted: continue
        case .undecided: return candidates.cursor(at: record)
        case .wanted(let event): if try !take(record, event) { return candidates.cursor(after: record) }
        }
      }
    }
    return next
  }
}

extension EventCandidates {
  /// Where to go on with a record.
  func cursor(at record: StoredRecord) -> UInt64 { isDescending ? record.ordinal + 1 : record.ordinal }

  /// Where to go on after a record; nil where it was the last there is.
  func cursor(after record: StoredRecord) -> UInt64? {
    let next = isDescending ? record.ordinal : record.ordinal + 1
    return (isDescending ? next > window.lowerBound : next < window.upperBound) ? next : nil
  }
}
