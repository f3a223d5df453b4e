import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Entries looked at in one read.
  private static let watchPage = 64
  /// A message, and a read, is closed when its records have this many bytes.
  private static let watchBytes = 1 << 20

  /// Log entries from a position on, then each as it is anchored, until the client hangs up. More is read only after the
  /// last message was taken, so a slow client costs about one entry of memory.
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
        let page = try await watchPage(next..<end, request, filter, view)
        for message in page.messages { try await emit(message) }
        next = page.next
      }
      if request.stopAtEnd { return }
      try Task.checkCancellation()
    }
    try Task.checkCancellation()
  }

  private func watchPage(
    _ range: Range<UInt64>, _ request: Cairn_V1_WatchLogRequest, _ filter: EventFilter?, _ view: LedgerView
  ) async throws(Failure) -> (messages: [Cairn_V1_WatchLogResponse], next: UInt64) {
    let entriesOnly = request.entriesOnly
    return try await store.read { reader in
      var assembler = EventAssembler(reader: reader, directory: view.directory)
      var messages: [Cairn_V1_WatchLogResponse] = []
      var bytes = 0
      var next = range.lowerBound
      for entry in try reader.entries(from: next, limit: min(Self.watchPage, range.count)) where bytes < Self.watchBytes
      {
        next = entry.position + 1
        if entriesOnly, filter == nil {
          messages.append(Self.message(entry, [], view))
          continue
        }
        let all = try reader.records(of: entry)
        bytes += all.reduce(0) { $0 + $1.count }
        let records = try Self.matching(filter, all, of: entry, &assembler)
        if !records.isEmpty {
          messages += entriesOnly ? [Self.message(entry, [], view)] : Self.messages(entry, records, view)
        }
      }
      guard next > range.lowerBound else { throw LedgerReader.corrupt("log entry \(next)") }
      return (messages, next)
    }
  }

  private static func matching(
    _ filter: EventFilter?, _ records: [Data], of entry: StoredEntry, _ assembler: inout EventAssembler
  ) throws -> [(offset: Int, element: Data)] {
    try records.enumerated().filter { index, bytes in
      guard let filter else { return true }
      let record = StoredRecord(
        ordinal: entry.firstOrdinal + UInt64(index), position: entry.position, index: UInt32(index), bytes: bytes)
      return try assembler.event(record, matching: filter) != nil
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
