import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// All events that mention an item, in order of event time, then of the ledger.
struct ItemHistory {
  private let reader: LedgerReader
  private let mentions: [(record: StoredRecord, event: ValidatedEvent)]

  /// Gathers the events among the first `end` records.
  init(of item: Identifier, reader: LedgerReader, index: PostingIndex, end: UInt64) throws {
    self.reader = reader
    let limit = Queries.maxHistoryEvents
    let ordinals = try index.ordinals(
      matching: [Term.item(item.canonical).rawValue], below: end, limit: limit + 1)
    guard ordinals.count <= limit else {
      throw Failure(
        .preconditionFailed, "TOO_MANY_EVENTS",
        "item: \(item.canonical) has more than \(limit) events; QueryEvents with filter.items pages through them")
    }
    mentions = try reader.records(ordinals: ordinals)
      .compactMap { record -> (record: StoredRecord, event: ValidatedEvent)? in
        guard case .provenance(let event) = try? ParsedRecord(record.bytes),
          event.items.contains(where: { $0.canonical == item.canonical })
        else { return nil }
        return (record, event)
      }
      .sorted { ($0.event.eventTime, $0.record.ordinal) < ($1.event.eventTime, $1.record.ordinal) }
  }

  /// The number of events.
  var count: Int { mentions.count }

  /// Events `start` and following, at most `limit` and about 2 MiB.
  func page(from start: Int, limit: Int, directory: Directory) throws -> [Cairn_V1_RecordedEvent] {
    var assembler = EventAssembler(reader: reader, directory: directory)
    var page: [Cairn_V1_RecordedEvent] = []
    var bytes = 0
    for mention in mentions.dropFirst(start).prefix(limit) where bytes < EventSearch.pageBytes {
      page.append(try assembler.event(mention.record, mention.event))
      bytes += mention.record.bytes.count
    }
    return page
  }
}
