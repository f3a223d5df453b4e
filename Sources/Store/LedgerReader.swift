import Consortium
package import Foundation
import GRDB
package import Ledger
import Merkle
package import Primitives
import Signing
import SwiftProtobuf

/// One consistent state of the ledger, for as long as a read lasts.
package struct LedgerReader {
  let db: Database

  /// Entries in the log.
  package func logSize() throws -> UInt64 {
    try Row.fetchOne(db, sql: "SELECT coalesce(max(position) + 1, 0) FROM entry")?.natural(0) ?? 0
  }

  /// The latest checkpoint that was signed.
  package func checkpoint() throws -> SignedCheckpoint? {
    try Row.fetchOne(db, sql: "SELECT size, root, note FROM checkpoint").map { row in
      guard let root = Digest(try row.data(1)) else { throw Self.corrupt("the stored checkpoint's root") }
      return SignedCheckpoint(size: try row.natural(0), root: root, note: try row.text(2))
    }
  }

  /// The entry at `position`; nil beyond the log's end.
  package func entry(at position: UInt64) throws -> StoredEntry? {
    try entries(from: position, limit: 1).first { $0.position == position }
  }

  /// Up to `limit` entries from `position` on.
  package func entries(from position: UInt64, limit: Int) throws -> [StoredEntry] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT position, first_ordinal, record_count, bytes FROM entry WHERE position >= ? ORDER BY position LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: [Int64(clamping: position), limit]).map { row in
      StoredEntry(
        position: try row.natural(0), firstOrdinal: try row.natural(1),
        recordCount: try row.natural(2, upTo: Limits.recordsPerBatch), bytes: try row.data(3))
    }
  }

  /// A batch's records in order; nothing in place of an erased one.
  package func records(of entry: StoredEntry) throws -> [Data] { try chunks(of: entry).flatMap(\.self) }

  /// A batch's records in order, as they are stored together.
  func chunks(of entry: StoredEntry) throws -> [[Data]] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT position, bytes FROM chunk WHERE first_ordinal >= ? AND first_ordinal < ? ORDER BY first_ordinal
        """)
    let (end, overflow) = entry.firstOrdinal.addingReportingOverflow(UInt64(entry.recordCount))
    let rows = try Row.fetchAll(statement, arguments: [Int64(clamping: entry.firstOrdinal), Int64(clamping: end)])
    let chunks = try rows.map { try Chunk.decode(try $0.data(1)) }
    let count = chunks.reduce(0) { $0 + $1.count }
    guard !overflow, try rows.allSatisfy({ try $0.natural(0) == entry.position }), count == entry.recordCount else {
      throw Self.corrupt(
        "the batch at log position \(entry.position), which has \(count) of \(entry.recordCount) records,")
    }
    return chunks
  }

  /// The records with these running numbers, ascending; each chunk is read once.
  package func records(ordinals: [UInt64]) throws -> [StoredRecord] {
    var found: [StoredRecord] = []
    var rest = ordinals[...]
    while let next = rest.first {
      let records = try withChunk(containing: next) { place, bytes in
        let count = try Chunk.count(in: bytes)
        return try rest.prefix { place.offset(of: $0, count: count) != nil }.map { ordinal in
          place.record(ordinal, try Chunk.record(Int(ordinal - place.firstOrdinal), in: bytes))
        }
      }
      guard let records, !records.isEmpty else { throw Self.corrupt("record number \(next) is missing and the log") }
      found += records
      rest = rest.dropFirst(records.count)
    }
    return found
  }

  /// The chunk in which the record `ordinal` stands.
  package func chunk(containing ordinal: UInt64) throws -> StoredChunk? {
    try withChunk(containing: ordinal) { place, bytes in
      StoredChunk(place: place, records: try Chunk.decode(Data(bytes)))
    }
  }

  /// Reads the last chunk that begins at or before `ordinal`; the bytes are SQLite's own and last as long as the body.
  ///
  /// SQLite finds the last row at or below a number by way of the next one, which is another page of the disk. So the
  /// chunk's own number is looked up first, among the times, which are small; chunks without times are found the other way.
  private func withChunk<Value>(
    containing ordinal: UInt64, _ body: (ChunkPlace, UnsafeRawBufferPointer) throws -> Value
  ) throws -> Value? {
    let dated = try withChunk(
      "chunk.first_ordinal = (SELECT max(first_ordinal) FROM chunk_time WHERE first_ordinal <= ?)", ordinal
    ) { place, bytes in
      try place.offset(of: ordinal, count: Chunk.count(in: bytes)) == nil ? nil : try body(place, bytes)
    }
    if let value = dated.flatMap(\.self) { return value }
    return try withChunk("chunk.first_ordinal <= ? ORDER BY chunk.first_ordinal DESC LIMIT 1", ordinal, body)
  }

  private func withChunk<Value>(
    _ condition: String, _ ordinal: UInt64, _ body: (ChunkPlace, UnsafeRawBufferPointer) throws -> Value
  ) throws -> Value? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT chunk.first_ordinal, chunk.position, chunk.first_ordinal - entry.first_ordinal, entry.bytes, chunk.bytes
        FROM chunk JOIN entry ON entry.position = chunk.position WHERE \(condition)
        """)
    let rows = try Row.fetchCursor(statement, arguments: [Int64(clamping: ordinal)])
    // The row is the statement's, which is reset when the cursor goes.
    return try withExtendedLifetime(rows) { try rows.next().map { try Self.chunk($0, body) } }
  }

  private static func chunk<Value>(
    _ row: Row, _ body: (ChunkPlace, UnsafeRawBufferPointer) throws -> Value
  ) throws -> Value {
    let place = ChunkPlace(
      firstOrdinal: try row.natural(0), position: try row.natural(1),
      firstIndex: UInt32(try row.natural(2, upTo: Limits.recordsPerBatch)), entry: try row.data(3))
    return try row.withUnsafeData(atIndex: 4) { data in
      guard let data else { throw corrupt("the chunk of record number \(place.firstOrdinal)") }
      return try data.withUnsafeBytes { try body(place, $0) }
    }
  }

  /// Which chunks have events of some time.
  package struct ChunkTimes: Sendable {
    /// Numbers of their first records, ascending.
    package let matching: [UInt64]
    /// The record from which to look on; nil when all chunks were looked at, or all that were asked for are found.
    package let next: UInt64?
  }

  /// Up to `limit` chunks from the one that holds the record `ordinal` on, whose events' times touch the range
  /// `eventTimeFrom..<before`. Looks at so many chunks at most.
  package func chunks(
    from ordinal: UInt64, eventTimeFrom: Instant, before: Instant, limit: Int, looking: Int
  ) throws -> ChunkTimes {
    let window = """
      (SELECT first_ordinal, earliest, latest FROM chunk_time
       WHERE first_ordinal >= (SELECT coalesce(max(first_ordinal), 0) FROM chunk_time WHERE first_ordinal <= ?)
       ORDER BY first_ordinal LIMIT ?)
      """
    let found = try db.cachedStatement(
      sql: "SELECT first_ordinal FROM \(window) WHERE latest >= ? AND earliest < ? ORDER BY first_ordinal LIMIT ?")
    let start = Int64(clamping: ordinal)
    let matching = try Row.fetchAll(
      found, arguments: [start, looking, eventTimeFrom.microseconds, before.microseconds, limit]
    ).map { try $0.natural(0) }
    if matching.count == limit { return ChunkTimes(matching: matching, next: nil) }
    let seen = try db.cachedStatement(sql: "SELECT coalesce(max(first_ordinal), 0), count(*) FROM \(window)")
    let row = try Row.fetchOne(seen, arguments: [start, looking])
    let (last, count) = (try row?.natural(0) ?? 0, try row?.natural(1) ?? 0)
    return ChunkTimes(matching: matching, next: count == looking ? max(last, ordinal) + 1 : nil)
  }

  /// Where an author's chain stands.
  package func chain(of key: KeyID) throws -> AuthorChain? {
    let statement = try db.cachedStatement(sql: "SELECT next_sequence, last_digest FROM author WHERE key_id = ?")
    return try Row.fetchOne(statement, arguments: [Data(key.digest.bytes)]).map(Self.chain)
  }

  /// The hashes of a full tile of the log tree.
  package func tile(level: Int, number: UInt64) throws -> [Digest]? {
    let statement = try db.cachedStatement(sql: "SELECT hashes FROM tile WHERE level = ? AND number = ?")
    guard let row = try Row.fetchOne(statement, arguments: [level, Int64(clamping: number)]) else { return nil }
    return try Self.digests(try row.data(0))
  }

  /// Up to `limit` equivocations after the one numbered `id`, of one key or of all.
  package func equivocations(after id: Int64, of key: KeyID?, limit: Int) throws -> [StoredEquivocation] {
    let condition = key == nil ? "" : "AND key_id = ?"
    let sql = """
      SELECT id, key_id, sequence, position, suite, signature, header FROM equivocation
      WHERE id > ? \(condition) ORDER BY id LIMIT ?
      """
    var arguments: StatementArguments = [id]
    if let key { arguments += [Data(key.digest.bytes)] }
    arguments += [limit]
    return try Row.fetchAll(db, sql: sql, arguments: arguments).map(StoredEquivocation.init)
  }

  static func chain(_ row: Row) throws -> AuthorChain {
    AuthorChain(nextSequence: try row.natural(0), lastDigest: try row.optional(1, row.data).flatMap { Digest($0) })
  }

  static func digests(_ bytes: Data) throws -> [Digest] {
    guard bytes.count.isMultiple(of: Digest.byteCount) else { throw corrupt("a tile of \(bytes.count) bytes") }
    return stride(from: bytes.startIndex, to: bytes.endIndex, by: Digest.byteCount)
      .compactMap { Digest(bytes[$0..<$0 + Digest.byteCount]) }
  }

  /// A corrupt-database failure about `what`.
  package static func corrupt(_ what: String) -> Failure {
    Failure(.corrupt, "DATABASE_CORRUPT", "\(what) is damaged; stop the server and run cairnd check")
  }
}
