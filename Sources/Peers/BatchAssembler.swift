import Consortium
import Foundation
import Ledger
import Primitives
import Store
import Wire

/// Puts batches together from the parts in which a peer sends them. Holds one batch at most, no larger than batches are.
struct BatchAssembler {
  /// A whole batch as the peer tells of it.
  struct Fetched {
    let position: UInt64
    let batch: LoggedBatch
    let claims: [StoredRedaction]
  }

  fileprivate struct Open {
    let position: UInt64
    let entry: Data
    var records: [Data] = []
    var erased: [Int: Digest] = [:]
    var claims: [StoredRedaction] = []
    var byteCount = 0
  }

  /// A batch of 4 MiB with the largest header and a signature.
  private static let maxBytes = Limits.batchBytes + 2 * Limits.headerBytes

  private var open: Open?

  /// Whether nothing is half done.
  var isEmpty: Bool { open == nil }

  /// Takes the next part, which must be of the batch at `position`; gives the batch when it is whole.
  mutating func add(_ part: Cairn_V1_BatchPart, at position: UInt64) throws(Failure) -> Fetched? {
    guard part.position == position else {
      throw Failure(
        .corrupt, "ENTRY_OUT_OF_ORDER", "log entry \(part.position) came where log entry \(position) was expected")
    }
    guard (open == nil) == (part.firstIndex == 0), (open == nil) == !part.entry.isEmpty else {
      throw Failure(.corrupt, "PART_OUT_OF_ORDER", "a part that begins with record \(part.firstIndex) is not the next")
    }
    var batch = open.take() ?? Open(position: position, entry: part.entry, byteCount: part.entry.count)
    guard batch.records.count == Int(part.firstIndex), !part.records.isEmpty else {
      throw Failure(
        .corrupt, "PART_OUT_OF_ORDER",
        "\(part.records.count) records came from \(part.firstIndex) on; \(batch.records.count) is the next")
    }
    batch.records += part.records
    batch.byteCount += part.records.reduce(0) { $0 + $1.count }
    guard batch.byteCount <= Self.maxBytes, batch.records.count <= Limits.recordsPerBatch else {
      throw Failure(
        .corrupt, "BATCH_SIZE",
        "more than \(Limits.recordsPerBatch) records or \(Limits.batchBytes) bytes, which no batch has")
    }
    for note in part.erased { try batch.add(note) }
    guard !part.more else {
      open = batch
      return nil
    }
    return Fetched(
      position: position, batch: LoggedBatch(entry: batch.entry, records: batch.records, erased: batch.erased),
      claims: batch.claims)
  }
}

extension BatchAssembler.Open {
  mutating func add(_ note: Cairn_V1_ErasedRecord) throws(Failure) {
    guard let id = Digest(note.recordID), Int(note.recordIndex) < records.count,
      erased.updateValue(id, forKey: Int(note.recordIndex)) == nil
    else {
      throw Failure(
        .corrupt, "MALFORMED_NOTE", "the note on the erased record \(note.recordIndex) is none, or a second one")
    }
    guard note.decidedAt > position else {
      throw Failure(
        .corrupt, "FALSE_ERASURE",
        "record \(note.recordIndex) was erased by entry \(note.decidedAt), before it was there")
    }
    let place = RecordPlace(position: position, index: note.recordIndex)
    claims.append(StoredRedaction(claimed: place, recordID: id, decidedAt: note.decidedAt))
  }
}
