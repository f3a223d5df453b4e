package import Foundation
import GRDB
package import Primitives
package import Signing

/// A log entry and where its records are.
package struct StoredEntry: Sendable {
  /// Index in the log, from 0.
  package let position: UInt64
  /// Running number of its first record.
  package let firstOrdinal: UInt64
  package let recordCount: Int
  /// The entry's bytes (see `LogEntry`).
  package let bytes: Data
}

/// A record and its place.
package struct StoredRecord: Sendable {
  /// Running number in the ledger.
  package let ordinal: UInt64
  /// Position of its batch.
  package let position: UInt64
  /// Index in the batch.
  package let index: UInt32
  /// The bytes of its batch's log entry (see `LogEntry`).
  package let entry: Data
  /// The record exactly as received; nothing where it was erased.
  package let bytes: Data

  /// Whether its payload and salt were erased by vote. What stands in its place is `LedgerReader.redaction(at:)`.
  package var isRedacted: Bool { bytes.isEmpty }
}

/// Where a chunk's records are.
package struct ChunkPlace: Sendable {
  package let firstOrdinal: UInt64
  /// Position of the batch.
  package let position: UInt64
  /// Index of the first record in the batch.
  package let firstIndex: UInt32
  /// The bytes of the batch's log entry.
  package let entry: Data

  /// Which of the chunk's `count` records the record `ordinal` is.
  func offset(of ordinal: UInt64, count: Int) -> Int? {
    firstOrdinal <= ordinal && ordinal - firstOrdinal < UInt64(count) ? Int(ordinal - firstOrdinal) : nil
  }

  /// The record `ordinal`, which must be one of the chunk's.
  func record(_ ordinal: UInt64, _ bytes: Data) -> StoredRecord {
    StoredRecord(
      ordinal: ordinal, position: position, index: firstIndex + UInt32(ordinal - firstOrdinal), entry: entry,
      bytes: bytes)
  }
}

/// Consecutive records of one batch.
package struct StoredChunk: Sendable {
  package let place: ChunkPlace
  /// The records exactly as received; nothing where one was erased.
  package let records: [Data]

  package var firstOrdinal: UInt64 { place.firstOrdinal }
  /// Position of the batch.
  package var position: UInt64 { place.position }

  /// Whether the record `ordinal` is one of them.
  package func contains(_ ordinal: UInt64) -> Bool { place.offset(of: ordinal, count: records.count) != nil }

  /// The record `ordinal`, which must be one of them.
  package func record(_ ordinal: UInt64) -> StoredRecord {
    place.record(ordinal, records[Int(ordinal - place.firstOrdinal)])
  }
}

/// A header that was refused because its author had signed another one for the same sequence.
package struct StoredEquivocation: Sendable {
  /// Counts the equivocations this node has seen.
  package let id: Int64
  package let author: KeyID
  package let sequence: UInt64
  /// Where the author's recorded header is in the log.
  package let position: UInt64
  package let suite: UInt8
  package let signature: Data
  /// The refused header.
  package let header: Data

  /// An equivocation just seen.
  package init(author: KeyID, sequence: UInt64, position: UInt64, suite: Suite, signature: Data, header: Data) {
    id = 0
    self.author = author
    self.sequence = sequence
    self.position = position
    self.suite = suite.rawValue
    self.signature = signature
    self.header = header
  }

  init(_ row: Row) throws {
    guard let author = KeyID(try row.data(1)) else { throw LedgerReader.corrupt("an equivocation's key") }
    id = try row.integer(0)
    self.author = author
    sequence = try row.natural(2)
    position = try row.natural(3)
    suite = UInt8(try row.natural(4, upTo: Int(UInt8.max)))
    signature = try row.data(5)
    header = try row.data(6)
  }
}
