import Consortium
package import Foundation
package import Ledger
import Primitives
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
    var receipt = Cairn_V1_Receipt(
      batch.header, position: batch.position, ledgerTime: batch.entry.ledgerTime,
      errors: try errors(of: batch), in: view)
    receipt.replayed = replayed
    return receipt
  }

  /// The records of a batch that have no effect, by ascending index: bad ones, and those that were erased.
  package func errors(of batch: RecordedBatch) throws -> [Cairn_V1_RecordError] {
    let erased = try redactions(of: batch.position).map { redaction in
      Cairn_V1_RecordError.with {
        $0.recordIndex = redaction.place.index
        $0.reason = "REDACTED"
        $0.message = "erased by the vote at log position \(redaction.decidedAt)"
      }
    }
    guard batch.header.skipsBadRecords, let entry = try entry(at: batch.position) else { return erased }
    let rejected = Admission.rejections(among: try records(of: entry)).map(\.wire)
    return (rejected + erased).sorted { $0.recordIndex < $1.recordIndex }
  }

  /// The batch that the record `ordinal` belongs to.
  package func batch(holding ordinal: UInt64) throws -> RecordedBatch? {
    guard let chunk = try chunk(containing: ordinal) else { return nil }
    return try batch(at: chunk.position)
  }
}

extension Cairn_V1_Receipt {
  /// The receipt of a batch just written, as of the view.
  package init(_ applied: AppliedBatch, in view: LedgerView) {
    self.init(
      applied.batch.header, position: applied.position, ledgerTime: applied.ledgerTime,
      errors: applied.batch.rejections.map(\.wire), in: view)
  }

  fileprivate init(
    _ header: BatchHeader, position: UInt64, ledgerTime: Instant, errors: [Cairn_V1_RecordError], in view: LedgerView
  ) {
    self = .with {
      $0.ledgerID = Data(view.ledgerID.bytes)
      $0.position = position
      $0.ledgerTimeMicroseconds = ledgerTime.microseconds
      $0.headerDigest = Data(header.digest.bytes)
      $0.authorKeyID = Data(header.authorKeyID.digest.bytes)
      $0.sequence = header.sequence
      $0.finality = view.finality(at: position)
      $0.logSize = view.checkpoint(over: position).size
      $0.recordCount = UInt32(header.recordCount)
      $0.recordErrors = errors
    }
  }
}
