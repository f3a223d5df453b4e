package import Foundation
import GRDB
package import Ledger
import Merkle
package import Primitives
import Signing
import SwiftProtobuf
import Wire

/// What was taken out of a log.
package struct Truncation: Hashable, Sendable {
  /// Entries taken out.
  package var entryCount = 0
  /// Their batches that are kept to be published again.
  package var keptCount = 0
  /// Batches that cannot be published again, because a record of them was erased.
  package var lostCount = 0

  /// Nothing was taken out.
  package init() {}
}

/// A batch that was taken out of the log and waits to be published again.
package struct HeldBatch: Sendable {
  /// Ascending in the order they stood in the log.
  package let id: Int64
  /// The serialized `cairn.v1.Batch`, as it was received.
  package let bytes: Data
}

/// What the next epoch begins with.
package struct KeptOpening: Hashable, Sendable {
  /// The epoch that it opens.
  package let epoch: UInt64
  /// The serialized message.
  package let bytes: Data

  /// The opening of that epoch.
  package init(epoch: UInt64, bytes: Data) {
    self.epoch = epoch
    self.bytes = bytes
  }
}

extension Store {
  /// Fails as `truncate` would.
  package func requireTruncatable(to size: UInt64, final: UInt64) throws(Failure) {
    guard size >= max(final, 1) else {
      throw Failure(
        .preconditionFailed, "TRUNCATION_BELOW_FINAL",
        "the log was to be cut back to \(size) entries, but \(final) are final: what is final is never taken out")
    }
    let end = try readNow { try $0.logSize() }
    guard end >= size else {
      throw Failure(
        .preconditionFailed, "LOG_TOO_SMALL", "the log has \(end) entries; it cannot be cut back to \(size)",
        metadata: ["log_size": String(end)])
    }
  }

  /// Takes the entries from `size` on out of the log, of a node that does not serve. Their batches are kept for publishing
  /// again, and `opening` for what comes next; derived tables, checkpoint, batches and opening change in one transaction,
  /// and the indexes are marked to be made anew before it. `sign` signs the checkpoint over what stays.
  ///
  /// Fails with TRUNCATION_BELOW_FINAL where `size` is below `final`, the size of the largest final checkpoint known here,
  /// and LOG_TOO_SMALL where the log does not reach `size`.
  package func truncate(
    to size: UInt64, final: UInt64, opening: KeptOpening? = nil,
    sign: @Sendable (UInt64, Digest) throws(Failure) -> SignedCheckpoint
  ) throws(Failure) -> Truncation {
    try requireTruncatable(to: size, final: final)
    let (end, root) = try readNow { (try $0.logSize(), try $0.rightEdge(size: size).root) }
    let checkpoint = try sign(size, root)
    if end > size { try markIndexesStale() }
    return try Failure.mapping {
      try pool.write { db in
        let writer = LedgerWriter(db: db)
        // Whoever voted for it may do so again; until then nothing says why these records are gone.
        try db.execute(
          sql: "UPDATE redaction SET decided_at = ? WHERE decided_at >= ? AND position < ?",
          arguments: [Int64.max, Int64(clamping: size), Int64(clamping: size)])
        let removed = try writer.remove(from: size, keepingBatches: true)
        try writer.save(checkpoint)
        if let opening {
          try writer.save(opening)
          // The place in the stream that is left means nothing in the next one.
          try db.execute(sql: "DELETE FROM engine")
          try db.execute(sql: "DELETE FROM order_place")
        }
        return removed
      }
    }
  }

  /// Batches that wait to be published again, those after `id`, in the order they stood in the log.
  package func heldBatches(after id: Int64, limit: Int) async throws(Failure) -> [HeldBatch] {
    do {
      return try await pool.read { db in
        try Row.fetchAll(
          db, sql: "SELECT id, bytes FROM republish WHERE id > ? ORDER BY id LIMIT ?", arguments: [id, limit]
        ).map { HeldBatch(id: try $0.integer(0), bytes: try $0.data(1)) }
      }
    } catch { throw Failure(storage: error) }
  }

  /// How many batches wait to be published again.
  package func heldBatchCount() async throws(Failure) -> Int {
    do { return try await pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM republish") ?? 0 } } catch {
      throw Failure(storage: error)
    }
  }

  /// Forgets batches up to and with `id`: they are in the log again, or never can be.
  package func releaseHeldBatches(through id: Int64) async throws(Failure) {
    try await write { try $0.execute(sql: "DELETE FROM republish WHERE id <= ?", arguments: [id]) }
  }

  /// What the latest epoch that was opened here began with; nil in the first.
  package func latestOpening() throws(Failure) -> KeptOpening? {
    try Failure.mapping {
      try pool.read { db in
        try Row.fetchOne(db, sql: "SELECT epoch, bytes FROM epoch_opening ORDER BY epoch DESC LIMIT 1")
          .map { KeptOpening(epoch: try $0.natural(0), bytes: try $0.data(1)) }
      }
    }
  }

  /// Forgets which stream is followed where nothing of it was applied, so that another one of its name may be.
  package func forgetUnbegunPlace() throws(Failure) {
    try Failure.mapping { try pool.write { try $0.execute(sql: "DELETE FROM engine WHERE sequence = 0") } }
  }

  /// Keeps what the node says about the epoch that it leaves; on disk when it returns.
  package func save(statement bytes: Data, of epoch: UInt64) throws(Failure) {
    try Failure.mapping {
      try pool.write { db in
        try db.execute(
          sql: "INSERT OR REPLACE INTO statement (epoch, bytes) VALUES (?, ?)",
          arguments: [Int64(clamping: epoch), bytes])
      }
    }
  }

  /// What the node said when it left that epoch; nil where it has not.
  package func statement(of epoch: UInt64) throws(Failure) -> Data? {
    try Failure.mapping {
      try pool.read { db in
        try Row.fetchOne(db, sql: "SELECT bytes FROM statement WHERE epoch = ?", arguments: [Int64(clamping: epoch)])
          .map { try $0.data(0) }
      }
    }
  }

  /// Has whoever opens the indexes next make them anew: they may lead to what is no longer in the log.
  private func markIndexesStale() throws(Failure) {
    for url in [directory.index, directory.hashes] where FileManager.default.fileExists(atPath: url.path) {
      let mark = url.path + PostingIndex.brokenSuffix
      guard FileManager.default.createFile(atPath: mark, contents: nil) else {
        throw Failure(.unavailable, "STORAGE_FAILED", "cannot write \(mark)")
      }
    }
    try directory.persistNames()
  }
}

extension LedgerWriter {
  /// Takes the entries from `size` on out of the log and of what is derived from it, the checkpoint aside.
  func remove(from size: UInt64, keepingBatches: Bool) throws -> Truncation {
    let reader = LedgerReader(db: db)
    guard let first = try reader.entry(at: size) else { return Truncation() }
    var removed = Truncation()
    var rewound: Set<KeyID> = []
    var position = size
    while case let page = try reader.entries(from: position, limit: 64), let last = page.last {
      for entry in page {
        let header = try BatchHeader(try LogEntry(entry.bytes).header)
        if rewound.insert(header.authorKeyID).inserted { try rewind(to: header) }
        removed.entryCount += 1
        guard keepingBatches else { continue }
        if try keep(entry, header, reader) { removed.keptCount += 1 } else { removed.lostCount += 1 }
      }
      position = last.position + 1
    }
    try removeRows(from: size, firstOrdinal: first.firstOrdinal)
    return removed
  }

  /// Puts the author's chain back to where the header was expected.
  private func rewind(to header: BatchHeader) throws {
    let key = Data(header.authorKeyID.digest.bytes)
    guard let previous = header.previousDigest else {
      return try db.execute(sql: "DELETE FROM author WHERE key_id = ?", arguments: [key])
    }
    try db.execute(
      sql: "UPDATE author SET next_sequence = ?, last_digest = ? WHERE key_id = ?",
      arguments: [Int64(header.sequence), Data(previous.bytes), key])
  }

  private func keep(_ entry: StoredEntry, _ header: BatchHeader, _ reader: LedgerReader) throws -> Bool {
    let records = try reader.records(of: entry)
    guard !records.contains(where: \.isEmpty) else { return false }
    let log = try LogEntry(entry.bytes)
    let batch = Cairn_V1_Batch.with {
      $0.header = log.header
      $0.signature.suite = log.suite.wire
      $0.signature.value = log.signature
      $0.records = records
    }
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO republish (header_digest, bytes) VALUES (?, ?)")
      .execute(arguments: [Data(header.digest.bytes), try batch.serializedData()])
    return true
  }

  private func removeRows(from size: UInt64, firstOrdinal: UInt64) throws {
    let (position, ordinal) = (Int64(clamping: size), Int64(clamping: firstOrdinal))
    for table in ["entry", "governance", "redaction", "equivocation"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE position >= ?", arguments: [position])
    }
    for table in ["chunk", "chunk_time"] {
      try db.execute(sql: "DELETE FROM \(table) WHERE first_ordinal >= ?", arguments: [ordinal])
    }
    try db.execute(sql: "DELETE FROM order_place WHERE size > ?", arguments: [position])
    for level in Tile.levels {
      let full = size >> UInt64(8 * (level + 1))
      try db.execute(
        sql: "DELETE FROM tile WHERE level = ? AND number >= ?", arguments: [level, Int64(clamping: full)])
    }
  }

  fileprivate func save(_ opening: KeptOpening) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO epoch_opening (epoch, bytes) VALUES (?, ?)",
      arguments: [Int64(clamping: opening.epoch), opening.bytes])
  }
}
