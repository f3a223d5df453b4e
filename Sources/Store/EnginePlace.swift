package import Foundation
import GRDB
package import Primitives

/// Where a node stands in the engine's stream.
package struct EnginePlace: Hashable, Sendable {
  /// The ledger's epoch, from 1.
  package let epoch: UInt64
  /// The stream's name.
  package let stream: String
  /// When the servers say that they made that stream, nanoseconds since 1970-01-01T00:00:00Z.
  package let created: Int64
  /// The last message that was applied; 0 before the first.
  package let sequence: UInt64
  /// When the engine stored that message, nanoseconds by the engine's clock; nil before the first.
  package let stored: Int64?
  /// What the consensus remembers of the messages so far, serialized.
  package let state: Data

  /// A place; `created` in nanoseconds.
  package init(epoch: UInt64, stream: String, created: Int64, sequence: UInt64, stored: Int64?, state: Data) {
    self.stored = stored
    self.epoch = epoch
    self.stream = stream
    self.created = created
    self.sequence = sequence
    self.state = state
  }

  /// What the stream of a ledger's epoch is called.
  package static func stream(of ledgerID: Digest, epoch: UInt64) -> String {
    "CAIRN_\(ledgerID.description.prefix(16))_\(epoch)"
  }
}

/// A batch that was refused at its place in the order, by every node alike.
package struct StoredSkip: Hashable, Sendable {
  /// Most that are kept: the latest.
  package static let maxCount = 10_000

  package let epoch: UInt64
  /// The message's number in the engine's stream.
  package let sequence: UInt64
  /// SHA-256 of the batch's header.
  package let headerDigest: Digest
  /// Why, as a stable word.
  package let reason: String
  /// Why, for people.
  package let message: String

  /// A refusal at that place.
  package init(epoch: UInt64, sequence: UInt64, headerDigest: Digest, reason: String, message: String) {
    self.epoch = epoch
    self.sequence = sequence
    self.headerDigest = headerDigest
    self.reason = reason
    self.message = message
  }

  init(_ row: Row) throws {
    guard let digest = Digest(try row.data(2)) else { throw LedgerReader.corrupt("a skipped batch") }
    self.init(
      epoch: try row.natural(0), sequence: try row.natural(1), headerDigest: digest, reason: try row.text(3),
      message: try row.text(4))
  }
}

/// How far a group leads in the engine's stream, what was refused on the way, and the checkpoints that lie there.
package struct EngineProgress: Hashable, Sendable {
  package let place: EnginePlace
  package let skips: [StoredSkip]
  package let checkpoints: [PlacedCheckpoint]

  /// Progress to `place`.
  package init(to place: EnginePlace, skipping skips: [StoredSkip] = [], checkpoints: [PlacedCheckpoint] = []) {
    self.place = place
    self.skips = skips
    self.checkpoints = checkpoints
  }

  /// Writes all of it, and forgets the oldest refusals and places.
  func save(in db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO engine (id, epoch, stream, created, sequence, stored, state) VALUES (1, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      Int64(clamping: place.epoch), place.stream, place.created, Int64(clamping: place.sequence), place.stored,
      place.state,
    ])
    try LedgerWriter(db: db).save(checkpoints)
    guard !skips.isEmpty else { return }
    let insert = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO skip (epoch, sequence, header_digest, reason, message) VALUES (?, ?, ?, ?, ?)")
    for skip in skips {
      try insert.execute(arguments: [
        Int64(clamping: skip.epoch), Int64(clamping: skip.sequence), Data(skip.headerDigest.bytes), skip.reason,
        skip.message,
      ])
    }
    try db.cachedStatement(
      sql: """
        DELETE FROM skip WHERE (epoch, sequence) <=
          (SELECT epoch, sequence FROM skip ORDER BY epoch DESC, sequence DESC LIMIT 1 OFFSET ?)
        """
    ).execute(arguments: [StoredSkip.maxCount])
  }
}

extension Store {
  /// Saves a place without anything new in the log.
  package func save(_ progress: EngineProgress) async throws(Failure) {
    do { try await pool.write { try progress.save(in: $0) } } catch { throw Failure(storage: error) }
  }
}

extension LedgerReader {
  /// Where the node stands in the engine's stream; nil where it never followed one.
  package func enginePlace() throws -> EnginePlace? {
    try Row.fetchOne(db, sql: "SELECT epoch, stream, created, sequence, stored, state FROM engine").map { row in
      EnginePlace(
        epoch: try row.natural(0), stream: try row.text(1), created: try row.integer(2), sequence: try row.natural(3),
        stored: try row.optional(4, row.integer), state: try row.data(5))
    }
  }

  /// The latest refusal of the batch with that header; nil if it never was refused, or that is forgotten.
  package func skip(of headerDigest: Digest) throws -> StoredSkip? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT epoch, sequence, header_digest, reason, message FROM skip WHERE header_digest = ?
        ORDER BY epoch DESC, sequence DESC LIMIT 1
        """, arguments: [Data(headerDigest.bytes)]
    ).map(StoredSkip.init)
  }

  /// The refusals that are kept, in order.
  package func skips() throws -> [StoredSkip] {
    try Row.fetchAll(
      db, sql: "SELECT epoch, sequence, header_digest, reason, message FROM skip ORDER BY epoch, sequence"
    ).map(StoredSkip.init)
  }
}
