import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Entries read at a time.
  private static let watchPage = 64
  /// A message is closed when its records have this many bytes.
  private static let watchBytes = 1 << 20

  /// Log entries from a position on, then each as it is anchored, until the client hangs up. The next entry is read only
  /// after the last one was taken, so a slow client costs one page of memory.
  package func watchLog(
    _ request: Cairn_V1_WatchLogRequest, emit: (Cairn_V1_WatchLogResponse) async throws -> Void
  ) async throws {
    let filter = request.hasFilter ? try Self.filter(request.filter) : nil
    var next = request.fromPosition
    let last = views.current.logSize
    for await _ in views.changes() {
      while true {
        let view = views.current
        let end = request.stopAtEnd ? last : view.logSize
        guard next < end else { break }
        let limit = Int(min(UInt64(Self.watchPage), end - next))
        for message in try await messages(from: next, limit: limit, request, filter, view) { try await emit(message) }
        next += UInt64(limit)
      }
      if request.stopAtEnd { return }
      try Task.checkCancellation()
    }
    try Task.checkCancellation()
  }

  private func messages(
    from position: UInt64, limit: Int, _ request: Cairn_V1_WatchLogRequest, _ filter: EventFilter?, _ view: LedgerView
  ) async throws(Failure) -> [Cairn_V1_WatchLogResponse] {
    let entriesOnly = request.entriesOnly
    return try await store.read { reader in
      var assembler = EventAssembler(reader: reader, directory: view.directory)
      return try reader.entries(from: position, limit: limit).flatMap { entry -> [Cairn_V1_WatchLogResponse] in
        if entriesOnly, filter == nil { return [Self.message(entry, [], view)] }
        let records = try reader.records(of: entry).enumerated().filter { index, bytes in
          guard let filter else { return true }
          let record = StoredRecord(
            ordinal: entry.firstOrdinal + UInt64(index), position: entry.position, index: UInt32(index), bytes: bytes)
          return try assembler.event(record, matching: filter) != nil
        }
        if records.isEmpty { return [] }
        return entriesOnly ? [Self.message(entry, [], view)] : Self.messages(entry, records, view)
      }
    }
  }

  private static func messages(
    _ entry: StoredEntry, _ records: [(offset: Int, element: Data)], _ view: LedgerView
  ) -> [Cairn_V1_WatchLogResponse] {
    var messages: [Cairn_V1_WatchLogResponse] = []
    var part: [Cairn_V1_WatchedRecord] = []
    var bytes = 0
    for (index, record) in records {
      if bytes >= watchBytes {
        messages.append(message(entry, part, view, more: true))
        part = []
        bytes = 0
      }
      part.append(
        .with {
          $0.recordIndex = UInt32(index)
          $0.record = record
        })
      bytes += record.count
    }
    return messages + [message(entry, part, view)]
  }

  private static func message(
    _ entry: StoredEntry, _ records: [Cairn_V1_WatchedRecord], _ view: LedgerView, more: Bool = false
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
