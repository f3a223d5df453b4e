import Foundation
import GRDB
package import Primitives

/// A checkpoint of the log, and where in the engine's stream the order stood there.
package struct PlacedCheckpoint: Hashable, Sendable {
  /// Most that are kept: the latest. As many as of certificates, since whoever joins asks for the two together.
  package static let maxCount = Store.maxCertificates

  /// Entries under the checkpoint.
  package let size: UInt64
  /// The root over them.
  package let root: Digest
  /// The stream, the last message that is in the state, and the state after it.
  package let place: EnginePlace

  /// The checkpoint of that size and root at that place.
  package init(size: UInt64, root: Digest, place: EnginePlace) {
    self.size = size
    self.root = root
    self.place = place
  }

  fileprivate init(_ row: Row) throws {
    guard let root = Digest(try row.data(1)) else { throw LedgerReader.corrupt("the root of a checkpoint's place") }
    self.init(
      size: try row.natural(0), root: root,
      place: EnginePlace(
        epoch: try row.natural(2), stream: try row.text(3), created: try row.integer(4), sequence: try row.natural(5),
        stored: try row.optional(6, row.integer), state: try row.data(7)))
  }
}

extension LedgerWriter {
  /// Keeps where checkpoints lie in the order, and forgets the oldest.
  func save(_ checkpoints: [PlacedCheckpoint]) throws {
    if checkpoints.isEmpty { return }
    let insert = try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO order_place (sequence, size, root, epoch, stream, created, stored, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for checkpoint in checkpoints {
      let place = checkpoint.place
      try insert.execute(arguments: [
        Int64(clamping: place.sequence), Int64(clamping: checkpoint.size), Data(checkpoint.root.bytes),
        Int64(clamping: place.epoch), place.stream, place.created, place.stored, place.state,
      ])
    }
    try db.cachedStatement(
      sql: """
        DELETE FROM order_place WHERE sequence <=
          (SELECT sequence FROM order_place ORDER BY sequence DESC LIMIT 1 OFFSET ?)
        """
    ).execute(arguments: [PlacedCheckpoint.maxCount])
  }
}

extension LedgerReader {
  /// The latest place kept of the checkpoint of exactly `size` entries.
  package func placedCheckpoint(size: UInt64) throws -> PlacedCheckpoint? {
    try placedCheckpoints("size = ?", size, limit: 1).first
  }

  /// The latest place kept of the largest checkpoint of at most `size` entries.
  package func placedCheckpoint(upTo size: UInt64) throws -> PlacedCheckpoint? {
    try placedCheckpoints("size <= ?", size, limit: 1).first
  }

  /// The latest places that are kept, the latest first.
  func placedCheckpoints(limit: Int) throws -> [PlacedCheckpoint] {
    try placedCheckpoints("size <= ?", .max, limit: limit)
  }

  private func placedCheckpoints(_ condition: String, _ size: UInt64, limit: Int) throws -> [PlacedCheckpoint] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT size, root, epoch, stream, created, sequence, stored, state FROM order_place WHERE \(condition)
        ORDER BY sequence DESC LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: [Int64(clamping: size), limit]).map(PlacedCheckpoint.init)
  }
}
