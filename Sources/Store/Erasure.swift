import Consortium
import Foundation
import GRDB
import Ledger
import Merkle
package import Primitives
import Synchronization

extension LedgerWriter {
  /// Takes a record's payload and salt out of its chunk, and what is derived from them out of the tables. Gives what the
  /// indexes still lead to it by; its id, which stays, aside.
  func erase(_ redaction: StoredRedaction) throws -> [Posting] {
    let reader = LedgerReader(db: db)
    let place = redaction.place
    guard let entry = try reader.entry(at: place.position), Int(place.index) < entry.recordCount,
      case let ordinal = entry.firstOrdinal + UInt64(place.index),
      let chunk = try reader.chunk(containing: ordinal), chunk.contains(ordinal),
      case let record = chunk.record(ordinal).bytes, MerkleTree.leafHash(record) == redaction.recordID
    else { throw LedgerReader.corrupt("record \(place.index) of log entry \(place.position), which is to be erased,") }
    try overwrite(chunk, erasing: Int(ordinal - chunk.firstOrdinal))
    let hashes = EventHashIndex.hashes(of: record).map(Term.eventHash)
    return (Admission.terms(of: record) + hashes).map { Posting(term: $0.rawValue, ordinal: ordinal) }
  }

  private func overwrite(_ chunk: StoredChunk, erasing index: Int) throws {
    let first = Int64(chunk.firstOrdinal)
    let select = try db.cachedStatement(sql: "SELECT bytes FROM chunk WHERE first_ordinal = ?")
    guard let bytes = try Row.fetchOne(select, arguments: [first])?.data(0) else {
      throw LedgerReader.corrupt("the chunk \(first)")
    }
    let erased = try Chunk.erasing(index, in: bytes)
    try db.cachedStatement(sql: "UPDATE chunk SET bytes = ? WHERE first_ordinal = ?").execute(arguments: [
      erased, first,
    ])
    let times = try Chunk.decode(erased).compactMap { (try? ParsedRecord($0))?.eventTime }
    guard let earliest = times.min(), let latest = times.max() else {
      return try db.cachedStatement(sql: "DELETE FROM chunk_time WHERE first_ordinal = ?").execute(arguments: [first])
    }
    try db.cachedStatement(sql: "UPDATE chunk_time SET earliest = ?, latest = ? WHERE first_ordinal = ?")
      .execute(arguments: [earliest.microseconds, latest.microseconds, first])
  }
}

extension Store {
  /// Whether erased bytes may still be in the write-ahead log, because somebody reads a state from before the vote.
  package var isErasureDue: Bool { erasureIsDue.load(ordering: .relaxed) }

  /// Moves the write-ahead log into the database and cuts it to nothing, so that no bytes are left that were overwritten.
  /// Whoever reads an older state is waited for a short while; then it is tried again after every group, without waiting.
  func cutJournal() async throws {
    let isFirst = !erasureIsDue.exchange(true, ordering: .relaxed)
    let isCut = try await pool.writeWithoutTransaction { try Self.cutJournal($0, isPatient: isFirst) }
    if isCut { erasureIsDue.store(false, ordering: .relaxed) }
  }

  /// How long readers are waited for; they take milliseconds.
  private static let patienceMilliseconds = 1_000

  /// The same for any database of ours; false where a reader stood in the way.
  static func cutJournal(_ db: Database, isPatient: Bool = true) throws -> Bool {
    try db.execute(sql: "PRAGMA busy_timeout = \(isPatient ? patienceMilliseconds : 0)")
    defer { try? db.execute(sql: "PRAGMA busy_timeout = 0") }
    do { _ = try db.checkpoint(.truncate) } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      return false
    }
    return true
  }
}

extension Store {
  /// Makes the index forget what led to records that were erased by their content.
  package func erase(_ postings: [Posting]?, from index: PostingIndex) throws(Failure) {
    guard let postings else { return }
    try index.erase(postings, redactions: try readNow { try $0.redactionCount() })
  }
}
