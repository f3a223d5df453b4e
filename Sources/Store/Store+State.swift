import Consortium
import Foundation
import GRDB
package import Ledger
import Merkle
import Primitives
import Signing

extension LedgerReader {
  /// What the writer needs to go on where the log ends. Corrupt where the log does not end in its signed checkpoint.
  package func state() throws -> LedgerState {
    let size = try logSize()
    guard size > 0, let last = try entry(at: size - 1), let genesis = try entry(at: 0),
      let checkpoint = try checkpoint()
    else { throw Self.corrupt("the log has no genesis entry or no checkpoint and") }
    let edge = try rightEdge(size: size)
    guard checkpoint.size == size, checkpoint.root == edge.root else {
      throw Failure(
        .corrupt, "ROOT_MISMATCH",
        "the log has \(size) entries and root \(edge.root); the node signed \(checkpoint.size) and \(checkpoint.root): "
          + "entries were changed, lost or added; run cairnd check, then restore this node from a backup or a peer")
    }
    return LedgerState(
      ledgerID: try BatchHeader(try LogEntry(genesis.bytes).header).digest, directory: try directory(),
      chains: try chains(), edge: edge, recordCount: last.firstOrdinal + UInt64(last.recordCount),
      lastLedgerTime: try LogEntry(last.bytes).ledgerTime)
  }

  /// The log tree's right edge: from entries at the lowest level, from full tiles above.
  func rightEdge(size: UInt64) throws -> RightEdge {
    let partial = try Tile.rows(size: size).map { row in
      try (0..<UInt64(row.partialWidth)).map { offset in
        let number = row.fullTiles * UInt64(Tile.fullWidth) + offset
        return try row.level == 0 ? leafHash(at: number) : tileRoot(level: row.level - 1, number: number)
      }
    }
    return try RightEdge(size: size, partialTiles: partial)
  }

  private func leafHash(at position: UInt64) throws -> Digest {
    guard let entry = try entry(at: position) else { throw Self.corrupt("log entry \(position) is missing: the log") }
    return MerkleTree.leafHash(entry.bytes)
  }

  private func tileRoot(level: Int, number: UInt64) throws -> Digest {
    guard let hashes = try tile(level: level, number: number) else {
      throw Self.corrupt("tile \(number) of level \(level) is missing and the log tree")
    }
    return MerkleTree.root(hashes)
  }

  /// Who may do what: the consortium's records folded again, in order.
  private func directory() throws -> Directory {
    var directory: Directory?
    for position in try Int64.fetchAll(db, sql: "SELECT position FROM governance ORDER BY position") {
      guard let batch = try batch(at: UInt64(position)), let stored = try entry(at: UInt64(position)) else {
        throw Self.corrupt("log entry \(position) is missing: the log")
      }
      for (index, record) in try records(of: stored).enumerated() {
        let place = RecordPlace(position: batch.position, index: UInt32(index))
        try fold(record, of: batch, at: place, into: &directory)
      }
    }
    guard let directory else { throw Self.corrupt("the genesis record") }
    return directory
  }

  private func fold(
    _ record: Data, of batch: RecordedBatch, at place: RecordPlace, into directory: inout Directory?
  ) throws {
    guard case .consortium(let change) = try ParsedRecord(record).body else {
      throw Self.corrupt("log entry \(place.position)")
    }
    if case .genesis(let terms) = change, directory == nil {
      directory = try Directory(terms, at: batch.entry.ledgerTime)
    } else {
      // The writer has asked whether what is to be erased was there.
      _ = try directory?.apply(
        change, by: batch.header.authorKeyID, record: MerkleTree.leafHash(record), at: place,
        time: batch.entry.ledgerTime, isInLog: { _ in true })
    }
  }

  private func chains() throws -> [KeyID: AuthorChain] {
    let sql = "SELECT next_sequence, last_digest, key_id FROM author"
    return try Dictionary(
      Row.fetchAll(db, sql: sql).map { row in
        guard let key = KeyID(try row.data(2)) else { throw Self.corrupt("an author's key id") }
        return (key, try Self.chain(row))
      }, uniquingKeysWith: { first, _ in first })
  }
}
