package import Foundation
package import Ledger
package import Primitives
import SwiftProtobuf
package import Wire

/// A batch as it stands in the log.
package struct RecordedBatch: Sendable {
  /// Index of its entry in the log.
  package let position: UInt64
  /// Running number of its first record.
  package let firstOrdinal: UInt64
  /// The entry's bytes.
  package let bytes: Data
  package let entry: LogEntry
  package let header: BatchHeader
}

extension LedgerReader {
  /// The batch at `position`; nil beyond the log's end.
  package func batch(at position: UInt64) throws -> RecordedBatch? {
    guard let stored = try entry(at: position) else { return nil }
    let entry = try LogEntry(stored.bytes)
    return RecordedBatch(
      position: position, firstOrdinal: stored.firstOrdinal, bytes: stored.bytes, entry: entry,
      header: try BatchHeader(entry.header))
  }

  /// A batch's receipt as of the view.
  package func receipt(of batch: RecordedBatch, in view: LedgerView, replayed: Bool) throws -> Cairn_V1_Receipt {
    let rejections = try rejections(at: batch.position)
    return .with {
      $0.ledgerID = Data(view.ledgerID.bytes)
      $0.position = batch.position
      $0.ledgerTimeMicroseconds = batch.entry.ledgerTime.microseconds
      $0.headerDigest = Data(batch.header.digest.bytes)
      $0.authorKeyID = Data(batch.header.authorKeyID.digest.bytes)
      $0.sequence = batch.header.sequence
      $0.finality = .final
      $0.logSize = view.logSize
      $0.recordCount = UInt32(batch.header.recordCount)
      $0.recordErrors = rejections
      $0.replayed = replayed
    }
  }

  /// The batch that the record `ordinal` belongs to.
  package func batch(holding ordinal: UInt64) throws -> RecordedBatch? {
    guard let chunk = try chunk(containing: ordinal) else { return nil }
    return try batch(at: chunk.position)
  }
}

extension Cairn_V1_Receipt {
  /// The receipt of a batch just written, under a checkpoint of `logSize` entries.
  package init(_ applied: AppliedBatch, ledgerID: Digest, logSize: UInt64) {
    let header = applied.batch.header
    self = .with {
      $0.ledgerID = Data(ledgerID.bytes)
      $0.position = applied.position
      $0.ledgerTimeMicroseconds = applied.ledgerTime.microseconds
      $0.headerDigest = Data(header.digest.bytes)
      $0.authorKeyID = Data(header.authorKeyID.digest.bytes)
      $0.sequence = header.sequence
      $0.finality = .final
      $0.logSize = logSize
      $0.recordCount = UInt32(header.recordCount)
      $0.recordErrors = applied.batch.rejections.map(\.wire)
    }
  }
}
