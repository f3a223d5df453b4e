import Consortium
import Foundation
import GRDB
package import Ledger
package import Primitives
import Merkle
import Signing

extension Store {
  /// Appends a group of applied batches and the checkpoint that covers them, in one transaction and with one fsync: when
  /// it returns, all of it is on disk; when it throws, none of it is. Records that the group's votes erase are taken out in
  /// the same transaction, and their bytes out of the write-ahead log before it returns; where somebody reads an older state
  /// all the while, after a later group (see `isErasureDue`), when the store is settled or when it is opened. Gives what the
  /// index must no longer lead to the erased records by. In a consortium `engine` says how far in the engine's stream that
  /// leads; a group may then be empty.
  package func append(
    _ group: [AppliedBatch], checkpoint: SignedCheckpoint, engine: EngineProgress? = nil
  ) async throws(Failure) -> [Posting]? {
    do {
      let erased = try await pool.write { db in
        try engine?.save(in: db)
        return try LedgerWriter(db: db).append(group, checkpoint: checkpoint)
      }
      // The group is on disk, whatever becomes of the journal.
      if isErasureDue || group.contains(where: { !$0.redactions.isEmpty }) { try? await cutJournal() }
      return erased
    } catch { throw Failure(storage: error) }
  }

  /// The same in the calling thread, for the first batch of a ledger.
  package func appendNow(_ group: [AppliedBatch], checkpoint: SignedCheckpoint) throws(Failure) {
    try Failure.mapping { try pool.write { db in _ = try LedgerWriter(db: db).append(group, checkpoint: checkpoint) } }
  }

  /// Keeps the first refused header of an author's sequence number as evidence; later ones add nothing.
  package func record(_ equivocation: StoredEquivocation) async throws(Failure) {
    do {
      try await pool.write { db in
        try db.execute(
          sql: """
            INSERT OR IGNORE INTO equivocation (key_id, sequence, position, suite, signature, header)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            Data(equivocation.author.digest.bytes), Int64(equivocation.sequence), Int64(equivocation.position),
            Int(equivocation.suite), equivocation.signature, equivocation.header,
          ])
      }
    } catch { throw Failure(storage: error) }
  }
}

/// Writes applied batches inside one transaction.
struct LedgerWriter {
  let db: Database

  /// Gives what the index must no longer lead to erased records by.
  func append(_ group: [AppliedBatch], checkpoint: SignedCheckpoint) throws -> [Posting]? {
    var erased: [Posting]?
    for applied in group {
      let runs = Chunk.runs(applied.batch.records)
      try appendLog(applied, runs)
      let redactions = try derive(from: applied, runs)
      for redaction in redactions { erased = try (erased ?? []) + erase(redaction) }
    }
    try saveChains(of: group)
    try save(checkpoint)
    return erased
  }

  /// Writes what the log's end is.
  func save(_ checkpoint: SignedCheckpoint) throws {
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO checkpoint (id, size, root, note) VALUES (1, ?, ?, ?)")
      .execute(arguments: [Int64(checkpoint.size), Data(checkpoint.root.bytes), checkpoint.note])
  }

  func appendLog(_ applied: AppliedBatch, _ runs: [Range<Int>]) throws {
    let records = applied.batch.records
    try db.cachedStatement(sql: "INSERT INTO entry (position, first_ordinal, record_count, bytes) VALUES (?, ?, ?, ?)")
      .execute(arguments: [
        Int64(applied.position), Int64(applied.firstOrdinal), records.count, applied.entry,
      ])
    let insert = try db.cachedStatement(sql: "INSERT INTO chunk (first_ordinal, position, bytes) VALUES (?, ?, ?)")
    for run in runs {
      try insert.execute(arguments: [
        Int64(applied.firstOrdinal) + Int64(run.lowerBound), Int64(applied.position), Chunk.encode(records[run]),
      ])
    }
  }

  /// Writes what follows from a batch whose chunks have those `runs` of records, except its author's chain: see `saveChains`.
  /// Gives what the batch erases and is not erased yet.
  @discardableResult
  func derive(from applied: AppliedBatch, _ runs: [Range<Int>]) throws -> [StoredRedaction] {
    for run in runs {
      try saveTimes(applied.batch.eventTimes[run], firstOrdinal: applied.firstOrdinal + UInt64(run.lowerBound))
    }
    for tile in applied.completedTiles {
      try db.cachedStatement(sql: "INSERT INTO tile (level, number, hashes) VALUES (?, ?, ?)")
        .execute(arguments: [tile.tile.level, Int64(tile.tile.index), Data(Tile.encode(tile.hashes))])
    }
    if !applied.batch.changes.isEmpty {
      try db.cachedStatement(sql: "INSERT INTO governance (position) VALUES (?)")
        .execute(arguments: [Int64(applied.position)])
    }
    let redactions = try applied.redactions.map { StoredRedaction($0, decidedAt: applied.position) }
      .filter { try !isNoted($0) }
    for redaction in redactions { try note(redaction) }
    return redactions
  }

  /// Whether the record was erased before, which is so where it came without its content from a peer, or where the vote was
  /// taken out of the log and came back. Then it was this vote.
  private func isNoted(_ redaction: StoredRedaction) throws -> Bool {
    let place = redaction.place
    guard let noted = try LedgerReader(db: db).redaction(at: place) else { return false }
    guard noted.recordID == redaction.recordID, noted.decidedAt >= redaction.decidedAt else {
      throw LedgerReader.corrupt("the note on the erased record \(place.index) of log entry \(place.position)")
    }
    try db.execute(
      sql: "UPDATE redaction SET decided_at = ? WHERE position = ? AND record_index = ?",
      arguments: [Int64(redaction.decidedAt), Int64(place.position), Int64(place.index)])
    return true
  }

  /// Notes what stands in place of an erased record.
  func note(_ redaction: StoredRedaction) throws {
    try db.cachedStatement(
      sql: "INSERT INTO redaction (position, record_index, record_id, decided_at) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [
      Int64(redaction.place.position), Int64(redaction.place.index), Data(redaction.recordID.bytes),
      Int64(redaction.decidedAt),
    ])
  }

  /// Writes where each author's chain stands after the group: the last batch of each speaks for all.
  func saveChains(of group: [AppliedBatch]) throws {
    let latest = Dictionary(group.map { ($0.batch.header.authorKeyID, $0.batch.header) }, uniquingKeysWith: { $1 })
    let save = try db.cachedStatement(
      sql: """
        INSERT INTO author (key_id, next_sequence, last_digest) VALUES (?, ?, ?)
        ON CONFLICT (key_id) DO UPDATE SET next_sequence = excluded.next_sequence, last_digest = excluded.last_digest
        """)
    for (key, header) in latest {
      try save.execute(arguments: [
        Data(key.digest.bytes), Int64(header.sequence) + 1, Data(header.digest.bytes),
      ])
    }
  }

  private func saveTimes(_ times: ArraySlice<Instant?>, firstOrdinal: UInt64) throws {
    let known = times.compactMap { $0 }
    guard let earliest = known.min(), let latest = known.max() else { return }
    try db.cachedStatement(sql: "INSERT INTO chunk_time (first_ordinal, earliest, latest) VALUES (?, ?, ?)")
      .execute(arguments: [Int64(firstOrdinal), earliest.microseconds, latest.microseconds])
  }
}
