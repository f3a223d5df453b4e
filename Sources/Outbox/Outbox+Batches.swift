import FoundationEssentials
import GRDB
package import Ledger
package import Primitives
import Signing
package import Wire

extension Outbox {
  /// Where the author's chain stands; nil before the first `reconcile`.
  package func chain() throws(Failure) -> AuthorChain? {
    try perform { database in try Self.chain(database) }
  }

  /// Signs the author's next batch and keeps it, together with the progress of its source file.
  package func enqueue(_ draft: BatchDraft) throws(Failure) -> PendingBatch {
    try perform { database in
      guard let chain = try Self.chain(database) else {
        throw Failure(.bug, "OUTBOX_NOT_RECONCILED", "an outbox must know where the ledger stands before it signs")
      }
      var builder = BatchBuilder(key: key, ledgerID: ledgerID, chain: chain)
      let batch = try builder.batch(
        draft.records, createdAt: draft.createdAt, clockQuality: draft.clockQuality, onError: draft.onError)
      let bytes = try BatchBuilder.serialize(batch)
      let eventsBefore = try draft.source.map { try Self.advance(database, $0) }
      try database.execute(
        sql: """
          INSERT INTO batch (sequence, headerDigest, previousDigest, bytes, recordCount, source, eventsBefore)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          Int64(chain.nextSequence), builder.chain.lastDigest?.data, chain.lastDigest?.data, bytes,
          draft.records.count, draft.source?.digest.data, eventsBefore,
        ])
      try Self.save(database, builder.chain)
      return PendingBatch(sequence: chain.nextSequence, bytes: bytes)
    }
  }

  /// The oldest batch without a receipt, or the oldest after that sequence number.
  package func pending(after sequence: UInt64?) throws(Failure) -> PendingBatch? {
    try perform { database in
      try Row.fetchOne(
        database, sql: "SELECT sequence, bytes FROM batch WHERE sequence > ? ORDER BY sequence LIMIT 1",
        arguments: [Int64(clamping: sequence ?? 0)]
      ).map { PendingBatch(sequence: UInt64(clamping: $0["sequence"] as Int64), bytes: $0["bytes"]) }
    }
  }

  /// The number of batches without a receipt, and of their records.
  package func backlog() throws(Failure) -> (batches: Int, records: Int) {
    try perform { database in
      let row = try Row.fetchOne(database, sql: "SELECT COUNT(*), COALESCE(SUM(recordCount), 0) FROM batch")
      return (row?[0] ?? 0, row?[1] ?? 0)
    }
  }

  /// Takes a receipt in and lets its batch go. A receipt for other bytes than were signed is RECEIPT_MISMATCH.
  package func acknowledge(_ receipt: Cairn_V1_Receipt) throws(Failure) {
    try perform { database in
      let sequence = Int64(clamping: receipt.sequence)
      let row = try Row.fetchOne(
        database, sql: "SELECT headerDigest, source FROM batch WHERE sequence = ?", arguments: [sequence])
      guard let row, receipt.ledgerID == ledgerID.data, receipt.authorKeyID == key.publicKey.id.digest.data,
        row["headerDigest"] == receipt.headerDigest
      else {
        throw Failure(
          .corrupt, "RECEIPT_MISMATCH",
          "the ledger's receipt for batch \(receipt.sequence) is not for what was sent; the batch is kept")
      }
      if let source: Data = row["source"] {
        let position = Int64(clamping: receipt.position)
        try database.execute(
          sql: """
            UPDATE source SET firstPosition = MIN(COALESCE(firstPosition, ?1), ?1),
              lastPosition = MAX(COALESCE(lastPosition, ?1), ?1) WHERE digest = ?2
            """, arguments: [position, source])
      }
      try database.execute(sql: "DELETE FROM batch WHERE sequence = ?", arguments: [sequence])
    }
  }

  /// Takes back the batches from `sequence` on, which the ledger has refused and therefore not recorded: the chain and the
  /// source files are again where they were before. Gives the number of batches.
  package func withdraw(from sequence: UInt64) throws(Failure) -> Int {
    try perform { database in
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT previousDigest, source, eventsBefore FROM batch WHERE sequence >= ? ORDER BY sequence DESC",
        arguments: [Int64(clamping: sequence)])
      guard let first = rows.last else { return 0 }
      for row in rows where row["source"] != nil {
        try database.execute(
          sql: "UPDATE source SET eventsDone = ? WHERE digest = ?",
          arguments: [row["eventsBefore"] as Int64, row["source"] as Data])
      }
      try database.execute(sql: "DELETE FROM batch WHERE sequence >= ?", arguments: [Int64(clamping: sequence)])
      let previous = (first["previousDigest"] as Data?).flatMap { Digest($0) }
      try Self.save(database, AuthorChain(nextSequence: sequence, lastDigest: previous))
      return rows.count
    }
  }

  static func chain(_ database: Database) throws -> AuthorChain? {
    guard let row = try Row.fetchOne(database, sql: "SELECT nextSequence, lastDigest FROM author"),
      let next: Int64 = row["nextSequence"]
    else { return nil }
    return AuthorChain(
      nextSequence: UInt64(clamping: next), lastDigest: (row["lastDigest"] as Data?).flatMap { Digest($0) })
  }

  static func save(_ database: Database, _ chain: AuthorChain) throws {
    try database.execute(
      sql: "UPDATE author SET nextSequence = ?, lastDigest = ?",
      arguments: [Int64(clamping: chain.nextSequence), chain.lastDigest?.data])
  }
}

extension Digest {
  var data: Data { Data(bytes) }
}
