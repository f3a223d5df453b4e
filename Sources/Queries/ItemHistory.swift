import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import Wire

/// All events that mention an item, in order of event time, then of the ledger. Keeps their order; a page loads its own.
struct ItemHistory {
  /// Records read at a time.
  private static let sliceRecords = 128

  /// The events of a short history are kept, so that a page need not read and parse them again.
  private static let keptBytes = 1 << 20

  private let reader: LedgerReader
  private let mentions: [(time: Instant, ordinal: UInt64)]
  private let kept: [UInt64: (record: StoredRecord, event: ValidatedEvent)]

  /// Puts the events among the first `end` records in order; TOO_MANY_EVENTS beyond 10,000 events or 64 MiB of records.
  init(of item: Identifier, reader: LedgerReader, index: PostingIndex, end: UInt64) throws {
    self.reader = reader
    let limit = Queries.maxHistoryEvents
    let ordinals = try index.ordinals(
      matching: [Term.item(item.canonical).rawValue], below: end, limit: limit + 1)
    var mentions: [(time: Instant, ordinal: UInt64)] = []
    var kept: [UInt64: (record: StoredRecord, event: ValidatedEvent)] = [:]
    var bytes = 0
    for start in stride(from: 0, to: ordinals.count, by: Self.sliceRecords) {
      let slice = ordinals[start..<min(start + Self.sliceRecords, ordinals.count)]
      for record in try reader.records(ordinals: Array(slice)) {
        bytes += record.bytes.count
        guard case .provenance(let event) = try? ParsedRecord(record.bytes),
          event.items.contains(where: { $0.canonical == item.canonical })
        else { continue }
        mentions.append((event.eventTime, record.ordinal))
        if bytes <= Self.keptBytes { kept[record.ordinal] = (record, event) }
      }
      guard bytes <= Queries.maxHistoryBytes, ordinals.count <= limit else {
        throw Failure(
          .preconditionFailed, "TOO_MANY_EVENTS",
          "item: \(item.canonical) has more than \(limit) events or \(Queries.maxHistoryBytes >> 20) MiB of them; "
            + "QueryEvents with filter.items pages through them")
      }
    }
    self.kept = kept
    self.mentions = mentions.sorted { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) }
  }

  /// The number of events.
  var count: Int { mentions.count }

  /// Events `start` and following, at most `limit` and about 2 MiB.
  func page(from start: Int, limit: Int, directory: Directory) throws -> [Cairn_V1_RecordedEvent] {
    var assembler = EventAssembler(directory: directory)
    var page: [Cairn_V1_RecordedEvent] = []
    var bytes = 0
    for mention in mentions.dropFirst(start).prefix(limit) where bytes < EventSearch.pageBytes {
      let (record, event) = try kept[mention.ordinal] ?? read(mention.ordinal)
      page.append(try assembler.event(event, of: record))
      bytes += record.bytes.count
    }
    return page
  }

  private func read(_ ordinal: UInt64) throws -> (record: StoredRecord, event: ValidatedEvent) {
    guard let record = try reader.records(ordinals: [ordinal]).first,
      case .provenance(let event) = try? ParsedRecord(record.bytes)
    else { throw LedgerReader.corrupt("record number \(ordinal)") }
    return (record, event)
  }
}
