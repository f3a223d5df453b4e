package import Consortium
package import Foundation
import GRDB
import Ledger
import Merkle
package import Primitives

/// What stands in place of a record that was erased by vote.
package struct StoredRedaction: Hashable, Sendable {
  /// Where the record stood.
  package let place: RecordPlace
  /// Its leaf hash, with which its batch's tree is still complete.
  package let recordID: Digest
  /// Position of the entry whose vote decided it.
  package let decidedAt: UInt64

  /// The answer to who asks for the record: not found REDACTED.
  package var failure: Failure {
    Failure(
      .notFound, "REDACTED",
      "record \(place.index) of log entry \(place.position) was erased by the vote at log position \(decidedAt)",
      metadata: ["decided_at": String(decidedAt)])
  }

  /// An erased record as a peer tells of it.
  package init(claimed place: RecordPlace, recordID: Digest, decidedAt: UInt64) {
    self.place = place
    self.recordID = recordID
    self.decidedAt = decidedAt
  }

  /// What a vote at log position `decidedAt` erased.
  init(_ redaction: Redaction, decidedAt: UInt64) {
    place = redaction.place
    recordID = redaction.recordID
    self.decidedAt = decidedAt
  }

  init(_ row: Row) throws {
    guard let id = Digest(try row.data(2)) else { throw LedgerReader.corrupt("the id of an erased record") }
    place = RecordPlace(position: try row.natural(0), index: UInt32(try row.natural(1, upTo: Int(UInt32.max))))
    recordID = id
    decidedAt = try row.natural(3)
  }
}

extension LedgerReader {
  /// What was erased at `place`, if anything was.
  package func redaction(at place: RecordPlace) throws -> StoredRedaction? {
    try redactions(
      where: "position = ? AND record_index = ?", [Int64(clamping: place.position), Int64(place.index)]
    ).first
  }

  /// What was erased from the batch at `position`, by ascending index.
  package func redactions(of position: UInt64) throws -> [StoredRedaction] {
    try redactions(where: "position = ?", [Int64(clamping: position)])
  }

  /// All that was erased, in the order of the log.
  package func redactions() throws -> [StoredRedaction] { try redactions(where: "true", []) }

  func redactions(where condition: String, _ arguments: StatementArguments) throws -> [StoredRedaction] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT position, record_index, record_id, decided_at FROM redaction
        WHERE \(condition) ORDER BY position, record_index
        """)
    return try Row.fetchAll(statement, arguments: arguments).map(StoredRedaction.init)
  }

  /// How many records were erased.
  func redactionCount() throws -> Int {
    try Row.fetchOne(db, sql: "SELECT count(*) FROM redaction")?.natural(0, upTo: .max) ?? 0
  }

  /// The ids of a batch whose records are these, erased ones included: the leaves of its tree.
  package func recordIDs(of entry: StoredEntry, records: [Data]) throws -> [Digest] {
    var ids = records.map { MerkleTree.leafHash($0) }
    guard records.contains(where: \.isEmpty) else { return ids }
    for redaction in try redactions(of: entry.position) where ids.indices.contains(Int(redaction.place.index)) {
      ids[Int(redaction.place.index)] = redaction.recordID
    }
    return ids
  }

  /// A record's id, erased or not.
  package func recordID(of record: StoredRecord) throws -> Digest {
    guard record.isRedacted else { return MerkleTree.leafHash(record.bytes) }
    guard let redaction = try redaction(at: RecordPlace(position: record.position, index: record.index)) else {
      throw Self.corrupt("record number \(record.ordinal) is gone, though no vote erased it, and the log")
    }
    return redaction.recordID
  }

  /// The id of the record at `place`, erased or not; nil where the log has none.
  package func recordID(at place: RecordPlace) throws -> Digest? {
    guard let entry = try entry(at: place.position), Int(place.index) < entry.recordCount else { return nil }
    return try records(ordinals: [entry.firstOrdinal + UInt64(place.index)]).first.map(recordID)
  }
}
