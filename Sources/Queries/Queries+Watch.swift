package import Consortium
import Foundation
import Ledger
import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// Log entries from a position on, then each as it is anchored, until the client hangs up. More is read only after the
  /// last message was taken, so a slow client costs a message or two of memory. What the caller may read is asked anew
  /// for each read.
  package func watchLog(
    _ request: Cairn_V1_WatchLogRequest, by caller: Caller, emit: (Cairn_V1_WatchLogResponse) async throws -> Void
  ) async throws {
    let filter = request.hasFilter ? try Self.filter(request.filter) : nil
    var cursor = LogWatch.Cursor(position: request.fromPosition)
    let last = views.current.logSize
    for await _ in views.changes() {
      while true {
        let view = views.current
        let end = request.stopAtEnd ? last : view.logSize
        guard cursor.position < end else { break }
        let (start, asked) = (cursor, ContinuousClock.now)
        let descriptions = descriptions(scope(of: caller, in: view), at: now())
        let page = try await store.read { reader in
          let matcher = filter.map { EventMatcher($0, descriptions, reader, end: view.recordCount) }
          var watch = LogWatch(
            reader: reader, logSize: view.logSize, scope: descriptions.scope, matcher: matcher,
            entriesOnly: request.entriesOnly, cursor: start, end: end)
          return (messages: try watch.messages(), cursor: watch.cursor)
        }
        if filter?.asksForMasterData == true { await hold(since: asked, descriptions.scope) }
        for message in page.messages { try await emit(message) }
        cursor = page.cursor
      }
      if request.stopAtEnd { return }
      try Task.checkCancellation()
    }
    try Task.checkCancellation()
  }
}

/// One read of a watcher: the next few messages, and where it got to. Where it ends does not depend on the size of records
/// that the caller may not read.
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
  /// What a record counts that is not shown, whatever its size.
  private static let withheldBytes = 32

  let reader: LedgerReader
  let logSize: UInt64
  let directory: Directory
  let entriesOnly: Bool
  private(set) var cursor: Cursor
  private let end: UInt64
  private var assembler: EventAssembler
  private var matcher: EventMatcher?
  private var bytes = 0

  init(
    reader: LedgerReader, logSize: UInt64, scope: ReadingScope, matcher: EventMatcher?, entriesOnly: Bool,
    cursor: Cursor, end: UInt64
  ) {
    self.reader = reader
    self.logSize = logSize
    directory = scope.directory
    self.matcher = matcher
    self.entriesOnly = entriesOnly
    self.cursor = cursor
    self.end = end
    assembler = EventAssembler(scope)
  }

  /// The messages of this read; may be none though there is more to read.
  mutating func messages() throws -> [Cairn_V1_WatchLogResponse] {
    var messages: [Cairn_V1_WatchLogResponse] = []
    let limit = Int(min(UInt64(Self.pageEntries), end - cursor.position))
    for entry in try reader.entries(from: cursor.position, limit: limit) where bytes < Self.pageBytes {
      cursor = Cursor(position: entry.position, index: entry.position == cursor.position ? cursor.index : 0)
      let isBare = entriesOnly && matcher == nil
      let records = isBare ? [] : try nextRecords(of: entry)
      // Without its records an entry is told once, when the first of them matches.
      let more = cursor.index < entry.recordCount && !isBare && !(entriesOnly && !records.isEmpty)
      if !more { cursor = Cursor(position: entry.position + 1) }
      if isBare || !records.isEmpty { messages.append(try message(entry, entriesOnly ? [] : records, more: more)) }
    }
    guard bytes > 0 || !messages.isEmpty else { throw LedgerReader.corrupt("log entry \(cursor.position)") }
    return messages
  }

  /// The entry's next records that are wanted, as far as this read goes; with `entriesOnly` the first of them.
  private mutating func nextRecords(of entry: StoredEntry) throws -> [Cairn_V1_WatchedRecord] {
    var found: [Cairn_V1_WatchedRecord] = []
    var chunk: StoredChunk?
    while cursor.index < entry.recordCount, bytes < Self.pageBytes, !(entriesOnly && !found.isEmpty) {
      let ordinal = entry.firstOrdinal + UInt64(cursor.index)
      if chunk?.contains(ordinal) != true { chunk = try reader.chunk(containing: ordinal) }
      guard let chunk, chunk.contains(ordinal) else {
        throw LedgerReader.corrupt("record number \(ordinal) is missing and the log")
      }
      switch try watched(chunk.record(ordinal)) {
      case .shown(let record): found.append(record)
      case .leftOut: break
      case .undecided:
        bytes = Self.pageBytes
        return found
      }
      cursor.index += 1
    }
    return found
  }

  /// What becomes of a record.
  private enum Watched {
    /// It is shown, or why it is not.
    case shown(Cairn_V1_WatchedRecord)
    /// The filter does not want it.
    case leftOut
    /// The next read begins with it.
    case undecided
  }

  private mutating func watched(_ record: StoredRecord) throws -> Watched {
    let withheld = try assembler.withheld(record)
    bytes += withheld == nil ? record.bytes.count : Self.withheldBytes
    if matcher != nil, withheld != nil { return .leftOut }
    switch try matcher?.match(record) {
    case .undecided: return .undecided
    case .unwanted: return .leftOut
    case .wanted, nil: break
    }
    return .shown(
      .with {
        $0.recordIndex = record.index
        if let withheld { $0.withheld = withheld } else { $0.record = record.bytes }
      })
  }

  private func message(
    _ entry: StoredEntry, _ records: [Cairn_V1_WatchedRecord], more: Bool
  ) throws -> Cairn_V1_WatchLogResponse {
    let log = try LogEntry(entry.bytes)
    let author = try BatchHeader(log.header).authorKeyID
    return .with {
      $0.position = entry.position
      $0.entry = entry.bytes
      $0.records = records
      $0.logSize = logSize
      $0.more = more
      $0.authorCompromised = directory.isCompromised(author, at: log.ledgerTime)
    }
  }
}
