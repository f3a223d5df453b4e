import Foundation
import GRDB
package import Ledger
package import Primitives

/// Two signed notes of one ledger that cannot both be true.
package struct StoredDivergence: Hashable, Sendable {
  /// Most that are kept: the first ones. One is enough to know.
  package static let maxCount = 1_000

  /// Counts those that this node has seen.
  package let id: Int64
  /// The size at which the other note differs from this node's log.
  package let size: UInt64
  /// The key that signed the other one; nil where this node itself had.
  package let key: KeyID?
  /// This node's note over its log of that size.
  package let own: String
  /// What the other one signed: a cosigned note, or in words what a mark says.
  package let other: String
}

extension Store {
  /// Certificates that are kept: the latest.
  package static let maxCertificates = 256

  /// Keeps a checkpoint with the members' quorum; on disk when it returns. Older ones are forgotten in time.
  package func save(certificate: SignedCheckpoint) async throws(Failure) {
    try await write { try LedgerWriter(db: $0).save(certificate: certificate) }
  }

  /// Keeps the proof that some member's log is another; on disk when it returns. The same pair is kept once.
  package func saveDivergence(
    at size: UInt64, by key: KeyID?, own: String, other: String
  ) async throws(Failure) {
    do {
      try await pool.write { db in
        try db.execute(
          sql: """
            INSERT OR IGNORE INTO divergence (size, key_id, own, other)
            SELECT ?, ?, ?, ? WHERE (SELECT count(*) FROM divergence) < ?
            """,
          arguments: [
            Int64(clamping: size), key.map { Data($0.digest.bytes) }, own, other, StoredDivergence.maxCount,
          ])
      }
    } catch { throw Failure(storage: error) }
  }

  /// Notes that the node is about to cosign with a key for the first time; on disk when it returns.
  package func noteCosigner(_ key: KeyID) throws(Failure) {
    try Failure.mapping {
      try pool.write { db in
        try db.execute(sql: "INSERT OR IGNORE INTO cosigner (key_id) VALUES (?)", arguments: [Data(key.digest.bytes)])
      }
    }
  }
}

extension LedgerWriter {
  /// Keeps a certificate and forgets the oldest.
  func save(certificate: SignedCheckpoint) throws {
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO certificate (size, root, note) VALUES (?, ?, ?)")
      .execute(arguments: [Int64(clamping: certificate.size), Data(certificate.root.bytes), certificate.note])
    try db.cachedStatement(
      sql: "DELETE FROM certificate WHERE size <= (SELECT size FROM certificate ORDER BY size DESC LIMIT 1 OFFSET ?)"
    ).execute(arguments: [Store.maxCertificates])
  }
}

extension LedgerReader {
  /// The latest checkpoint with the members' quorum, if there is one.
  package func certificate() throws -> SignedCheckpoint? {
    try certificates(limit: 1).first
  }

  /// The certificate over exactly `size` entries, if it is kept.
  package func certificate(size: UInt64) throws -> SignedCheckpoint? {
    try certificates("WHERE size = ?", [Int64(clamping: size)], limit: 1).first
  }

  /// The smallest certificate kept over at least `size` entries.
  package func certificate(covering size: UInt64) throws -> SignedCheckpoint? {
    try certificates("WHERE size >= ?", [Int64(clamping: size)], order: "ASC", limit: 1).first
  }

  /// Up to `limit` certificates, the largest first.
  package func certificates(limit: Int) throws -> [SignedCheckpoint] { try certificates("", [], limit: limit) }

  private func certificates(
    _ condition: String, _ arguments: StatementArguments, order: String = "DESC", limit: Int
  ) throws -> [SignedCheckpoint] {
    let statement = try db.cachedStatement(
      sql: "SELECT size, root, note FROM certificate \(condition) ORDER BY size \(order) LIMIT ?")
    return try Row.fetchAll(statement, arguments: arguments + [limit]).map { row in
      guard let root = Digest(try row.data(1)) else { throw Self.corrupt("a certificate's root") }
      return SignedCheckpoint(size: try row.natural(0), root: root, note: try row.text(2))
    }
  }

  /// Proofs that a member's log is another, in the order they were seen.
  package func divergences(after id: Int64 = 0, limit: Int) throws -> [StoredDivergence] {
    try Row.fetchAll(
      db, sql: "SELECT id, size, key_id, own, other FROM divergence WHERE id > ? ORDER BY id LIMIT ?",
      arguments: [id, limit]
    ).map { row in
      StoredDivergence(
        id: try row.integer(0), size: try row.natural(1), key: try row.optional(2, row.data).flatMap { KeyID($0) },
        own: try row.text(3), other: try row.text(4))
    }
  }

  /// Whether the node has cosigned with that key.
  package func hasCosigned(with key: KeyID) throws -> Bool {
    try Row.fetchOne(db, sql: "SELECT 1 FROM cosigner WHERE key_id = ?", arguments: [Data(key.digest.bytes)]) != nil
  }
}
