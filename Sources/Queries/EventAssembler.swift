import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import Store
import SwiftProtobuf
import Wire

/// Turns stored records into events with their place in the ledger; remembers the batch it is in.
struct EventAssembler {
  let reader: LedgerReader
  let directory: Directory
  private var batch: RecordedBatch?

  init(reader: LedgerReader, directory: Directory) {
    self.reader = reader
    self.directory = directory
  }

  /// The record's event; nil when it has none, has no effect, or does not match.
  mutating func event(_ record: StoredRecord, matching filter: EventFilter? = nil) throws -> Cairn_V1_RecordedEvent? {
    guard case .provenance(let event) = try? ParsedRecord(record.bytes) else { return nil }
    let batch = try batch(at: record.position)
    let (time, author) = (batch.entry.ledgerTime, batch.header.authorKeyID)
    guard filter?.matches(event, ledgerTime: time, author: author) ?? true else { return nil }
    return recorded(event, record, batch)
  }

  private func recorded(
    _ event: ValidatedEvent, _ record: StoredRecord, _ batch: RecordedBatch
  ) -> Cairn_V1_RecordedEvent {
    .with {
      $0.event = event.event
      $0.recordID = Data(MerkleTree.leafHash(record.bytes).bytes)
      $0.position = record.position
      $0.recordIndex = record.index
      $0.ledgerTimeMicroseconds = batch.entry.ledgerTime.microseconds
      $0.authorKeyID = Data(batch.header.authorKeyID.digest.bytes)
      $0.memberID = directory.keys[batch.header.authorKeyID]?.memberID.description ?? ""
    }
  }

  private mutating func batch(at position: UInt64) throws -> RecordedBatch {
    if let batch, batch.position == position { return batch }
    guard let found = try reader.batch(at: position) else { throw LedgerReader.corrupt("log entry \(position)") }
    batch = found
    return found
  }
}
