import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Log entries from a position on, then each as it is anchored, until the client hangs up. More is read only after the
  /// last message was taken, so a slow client costs a message or two of memory.
  package func watchLog(
    _ request: Cairn_V1_WatchLogRequest, emit: (Cairn_V1_WatchLogResponse) async throws -> Void
  ) async throws {
    let filter = request.hasFilter ? try Self.filter(request.filter) : nil
    var cursor = LogWatch.Cursor(position: request.fromPosition)
    let last = views.current.logSize
    for await _ in views.changes() {
      while true {
        let view = views.current
        let end = request.stopAtEnd ? last : view.logSize
        guard cursor.position < end else { break }
        let start = cursor
        let page = try await store.read { reader in
          var watch = LogWatch(
            reader: reader, view: view, filter: filter, entriesOnly: request.entriesOnly, cursor: start, end: end)
          return (messages: try watch.messages(), cursor: watch.cursor)
        }
        for message in page.messages { try await emit(message) }
        cursor = page.cursor
      }
      if request.stopAtEnd { return }
      try Task.checkCancellation()
    }
    try Task.checkCancellation()
  }
}

/// One read of a watcher: the next few messages, and where it got to.
struct LogWatch {
  /// Where a watcher goes on.
  struct Cursor: Sendable {
    var position: UInt64
    /// Records of that entry that were looked at already.
    var index = 0
  }

  /// Most entries looked at in one read.
  private static let pageEntries = 64
  /// A read is closed when it has looked at this many bytes of records.
  private static let pageBytes = 256 << 10

  let reader: LedgerReader
  let view: LedgerView
  let filter: EventFilter?
  let entriesOnly: Bool
  private(set) var cursor: Cursor
  private let end: UInt64
  private var assembler: EventAssembler
  private var bytes = 0

  init(
    reader: LedgerReader, view: LedgerView, filter: EventFilter?, entriesOnly: Bool, cursor: Cursor, end: UInt64
  ) {
    self.reader = reader
    self.view = view
    self.filter = filter
    self.entriesOnly = entriesOnly
    self.cursor = cursor
    self.end = end
    assembler = EventAssembler(directory: view.directory)
  }

  /// The messages of this read; may be none though there is more to read.
  mutating func messages() throws -> [Cairn_V1_WatchLogResponse] {
    var messages: [Cairn_V1_WatchLogResponse] = []
    let limit = Int(min(UInt64(Self.pageEntries), end - cursor.position))
    for entry in try reader.entries(from: cursor.position, limit: limit) where bytes < Self.pageBytes {
      cursor = Cursor(position: entry.position, index: entry.position == cursor.position ? cursor.index : 0)
      let isBare = entriesOnly && filter == nil
      let records = isBare ? [] : try nextRecords(of: entry)
      let more = !isBare && cursor.index < entry.recordCount
      if !more { cursor = Cursor(position: entry.position + 1) }
      if isBare || !records.isEmpty { messages.append(message(entry, entriesOnly ? [] : records, more: more)) }
    }
    guard bytes > 0 || !messages.isEmpty else { throw LedgerReader.corrupt("log entry \(cursor.position)") }
    return messages
  }

  /// The entry's next records that match, as far as this read goes.
  private mutating func nextRecords(of entry: StoredEntry) throws -> [Cairn_V1_WatchedRecord] {
    var found: [Cairn_V1_WatchedRecord] = []
    while cursor.index < entry.recordCount, bytes < Self.pageBytes {
      let ordinal = entry.firstOrdinal + UInt64(cursor.index)
      guard let chunk = try reader.chunk(containing: ordinal), chunk.contains(ordinal) else {
        throw LedgerReader.corrupt("record number \(ordinal) is missing and the log")
      }
      for ordinal in ordinal..<chunk.firstOrdinal + UInt64(chunk.records.count) {
        let record = chunk.record(ordinal)
        cursor.index += 1
        bytes += record.bytes.count
        if let filter, try assembler.event(record, matching: filter) == nil { continue }
        found.append(
          .with {
            $0.recordIndex = record.index
            $0.record = record.bytes
          })
      }
    }
    return found
  }

  private func message(
    _ entry: StoredEntry, _ records: [Cairn_V1_WatchedRecord], more: Bool
  ) -> Cairn_V1_WatchLogResponse {
    .with {
      $0.position = entry.position
      $0.entry = entry.bytes
      $0.records = records
      $0.logSize = view.logSize
      $0.more = more
    }
  }
}
