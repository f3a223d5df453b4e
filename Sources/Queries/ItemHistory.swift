import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// All events that mention an item and that a caller may read, in order of event time, then of the ledger. Keeps their
/// order; a page loads its own.
struct ItemHistory {
  /// Where an event stands in a history.
  typealias Mention = (time: Instant, ordinal: UInt64)

  /// Records read at a time.
  private static let sliceRecords = 128

  /// The events of a short history are kept, so that a page need not read and parse them again.
  private static let keptBytes = 1 << 20

  /// There are events that the caller may not read, and others.
  var hasForbiddenEvents: Bool { hidesMention && !mentions.isEmpty }

  private let item: Identifier
  private let store: Store
  private let view: LedgerView
  private var assembler: EventAssembler
  private var mentions: [Mention] = []
  private var kept: [UInt64: (record: StoredRecord, event: ValidatedEvent)] = [:]
  private var bytes = 0
  private var hidesMention = false

  /// Puts the events among the first `end` records in order; TOO_MANY_EVENTS beyond 10,000 events or 64 MiB of records.
  /// Of events that the caller may not read any number is passed over, so that no limit tells how many there are.
  init(
    of item: Identifier, in store: Store, index: PostingIndex, view: LedgerView, end: UInt64, scope: ReadingScope
  ) async throws(Failure) {
    self.item = item
    self.store = store
    self.view = view
    assembler = EventAssembler(scope)
    let step = Queries.maxHistoryEvents + 1
    var ordinals: [UInt64] = []
    repeat {
      ordinals = try index.ordinals(
        matching: [Term.item(item.canonical).rawValue], after: ordinals.last, below: end, limit: step)
      for start in stride(from: 0, to: ordinals.count, by: Self.sliceRecords) {
        try await add(ordinals[start..<min(start + Self.sliceRecords, ordinals.count)])
      }
    } while ordinals.count == step
    mentions.sort { $0 < $1 }
  }

  private mutating func add(_ ordinals: ArraySlice<UInt64>) async throws(Failure) {
    for record in try await store.records(ordinals: Array(ordinals), in: view) {
      if let withheld = try assembler.withheld(record) {
        hidesMention = hidesMention || withheld == .forbidden && mention(in: record) != nil
        continue
      }
      bytes += record.bytes.count
      guard let event = mention(in: record) else { continue }
      mentions.append((event.eventTime, record.ordinal))
      if bytes <= Self.keptBytes { kept[record.ordinal] = (record, event) }
    }
    guard bytes <= Queries.maxHistoryBytes, mentions.count <= Queries.maxHistoryEvents else {
      throw Failure(
        .preconditionFailed, "TOO_MANY_EVENTS",
        "item: \(item.canonical) has more than \(Queries.maxHistoryEvents) events or \(Queries.maxHistoryBytes >> 20) "
          + "MiB of them; QueryEvents with filter.items pages through them")
    }
  }

  private func mention(in record: StoredRecord) -> ValidatedEvent? {
    guard case .provenance(let event) = try? ParsedRecord(record.bytes).body,
      event.items.contains(where: { $0.canonical == item.canonical })
    else { return nil }
    return event
  }

  /// At most `limit` events, about 2 MiB, from the beginning or after the place `last`; and the last one's place if there
  /// are more.
  mutating func page(after last: Mention?, limit: Int) async throws(Failure) -> (
    events: [Cairn_V1_RecordedEvent], next: Mention?
  ) {
    let rest = mentions.drop { mention in last.map { mention <= $0 } ?? false }
    var events: [Cairn_V1_RecordedEvent] = []
    var bytes = 0
    for mention in rest.prefix(limit) where bytes < EventSearch.pageBytes {
      let (record, event) =
        if let kept = kept[mention.ordinal] { kept } else { try await read(mention.ordinal) }
      events.append(try assembler.event(event, of: record))
      bytes += record.bytes.count
    }
    let isLast = events.count == rest.count
    return (events, isLast ? nil : rest[rest.startIndex + events.count - 1])
  }

  private func read(_ ordinal: UInt64) async throws(Failure) -> (record: StoredRecord, event: ValidatedEvent) {
    guard let record = try await store.records(ordinals: [ordinal], in: view).first, let event = mention(in: record)
    else {
      throw LedgerReader.corrupt("record number \(ordinal)")
    }
    return (record, event)
  }
}
