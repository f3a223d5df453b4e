import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import Store
import SwiftProtobuf
import Wire

/// Turns stored records into events with their place in the ledger, as far as a caller may read them; remembers whose the
/// last batch was.
struct EventAssembler {
  let scope: ReadingScope
  private var batch: Batch?

  /// What the records of a batch have in common.
  struct Batch {
    let position: UInt64
    let ledgerTime: Instant
    let author: KeyID
  }

  init(_ scope: ReadingScope) { self.scope = scope }

  /// Whether the caller may read the record.
  mutating func mayRead(_ record: StoredRecord) throws(Failure) -> Bool { try withheld(record) == nil }

  /// Why the caller may not read the record; nil where it may.
  mutating func withheld(_ record: StoredRecord) throws(Failure) -> Cairn_V1_Withheld? {
    let place = RecordPlace(position: record.position, index: record.index)
    if record.isRedacted || scope.directory.redactions.contains(place) { return .redacted }
    do {
      return try scope.reader.mayRead(Visibility(ofRecord: record.bytes), of: member(of: record)) ? nil : .forbidden
    } catch { throw error as? Failure ?? LedgerReader.corrupt("the log entry \(record.position)") }
  }

  /// The record's event; nil when it has none, has no effect, or cannot match, whatever master data says. Of a record that
  /// the caller may read.
  mutating func event(_ record: StoredRecord, thatMayMatch filter: EventFilter) throws(Failure) -> ValidatedEvent? {
    guard case .provenance(let event) = try? ParsedRecord(record.bytes).body else { return nil }
    let batch = try batch(of: record)
    return filter.mayMatch(event, ledgerTime: batch.ledgerTime, author: batch.author) ? event : nil
  }

  /// The event that the record was parsed into.
  mutating func event(_ event: ValidatedEvent, of record: StoredRecord) throws(Failure) -> Cairn_V1_RecordedEvent {
    recorded(event, record, try batch(of: record))
  }

  /// Where the record's event stands, without the event.
  mutating func handle(of record: StoredRecord) throws(Failure) -> Cairn_V1_RecordedEvent {
    handle(record, try batch(of: record))
  }

  private func recorded(_ event: ValidatedEvent, _ record: StoredRecord, _ batch: Batch) -> Cairn_V1_RecordedEvent {
    var recorded = handle(record, batch)
    recorded.event = event.event
    return recorded
  }

  private func handle(_ record: StoredRecord, _ batch: Batch) -> Cairn_V1_RecordedEvent {
    .with {
      $0.recordID = Data(MerkleTree.leafHash(record.bytes).bytes)
      $0.position = record.position
      $0.recordIndex = record.index
      $0.ledgerTimeMicroseconds = batch.ledgerTime.microseconds
      $0.authorKeyID = Data(batch.author.digest.bytes)
      $0.memberID = scope.directory.keys[batch.author]?.memberID.description ?? ""
      $0.authorCompromised = scope.directory.isCompromised(batch.author, at: batch.ledgerTime)
    }
  }

  private mutating func member(of record: StoredRecord) throws(Failure) -> MemberID? {
    scope.directory.keys[try batch(of: record).author]?.memberID
  }

  mutating func batch(of record: StoredRecord) throws(Failure) -> Batch {
    if let batch, batch.position == record.position { return batch }
    let entry = try LogEntry(record.entry)
    let found = Batch(
      position: record.position, ledgerTime: entry.ledgerTime, author: try BatchHeader(entry.header).authorKeyID)
    batch = found
    return found
  }
}
