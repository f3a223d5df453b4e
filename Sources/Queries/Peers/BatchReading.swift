import Consortium
import Foundation
import Primitives
import Store
import SwiftProtobuf
import Wire

/// One read of the log for a peer: the next message, and where it got to.
struct BatchReading {
  /// Where a reader goes on.
  struct Cursor: Sendable {
    var position: UInt64
    /// Records of that batch that were given already.
    var index = 0
  }

  /// Most entries in one message.
  private static let maxEntries = 512
  /// A message is closed when it has this many bytes; with the last record's 64 KiB it stays below 1 MiB.
  private static let messageBytes = 900 << 10
  /// What a record and an entry cost beside their bytes.
  private static let overheadBytes = 64

  let reader: LedgerReader
  private(set) var cursor: Cursor
  let end: UInt64
  private var bytes = 0

  init(reader: LedgerReader, cursor: Cursor, end: UInt64) {
    self.reader = reader
    self.cursor = cursor
    self.end = end
  }

  /// The next parts, one at least.
  mutating func message() throws -> Cairn_V1_ListBatchesResponse {
    var message = Cairn_V1_ListBatchesResponse()
    let limit = Int(min(UInt64(Self.maxEntries), end - cursor.position))
    while message.parts.count < limit, bytes < Self.messageBytes {
      guard let entry = try reader.entry(at: cursor.position) else {
        throw LedgerReader.corrupt("log entry \(cursor.position)")
      }
      message.parts.append(try part(of: entry))
    }
    return message
  }

  private mutating func part(of entry: StoredEntry) throws -> Cairn_V1_BatchPart {
    let records = try reader.records(of: entry)
    let first = cursor.index
    var next = first
    bytes += entry.bytes.count
    while next < records.count, next == first || bytes < Self.messageBytes {
      bytes += records[next].count + Self.overheadBytes
      next += 1
    }
    let more = next < records.count
    cursor = more ? Cursor(position: entry.position, index: next) : Cursor(position: entry.position + 1)
    let hasGaps = records[first..<next].contains(where: \.isEmpty)
    let erased = try hasGaps ? reader.redactions(of: entry.position) : []
    return .with {
      $0.position = entry.position
      if first == 0 { $0.entry = entry.bytes }
      $0.firstIndex = UInt32(first)
      $0.records = Array(records[first..<next])
      $0.erased = erased.filter { (first..<next).contains(Int($0.place.index)) }.map { redaction in
        .with {
          $0.recordIndex = redaction.place.index
          $0.recordID = Data(redaction.recordID.bytes)
          $0.decidedAt = redaction.decidedAt
        }
      }
      $0.more = more
    }
  }
}
