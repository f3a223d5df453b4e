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
      ledgerID: try BatchHeader(try LogEntry(genesis.bytes).header).digest, directory: try directory(genesis: genesis),
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

  private func directory(genesis: StoredEntry) throws -> Directory {
    guard let record = try records(of: genesis).first, case .consortium(.genesis(let terms)) = try ParsedRecord(record)
    else { throw Self.corrupt("the genesis record") }
    let sql = """
      SELECT public_key, member_id, role, not_before, not_after, label, registered_position, registered_index, depth,
        revoked_position FROM author
      """
    let keys = try Row.fetchAll(db, sql: sql).map(Self.authorKey)
    return Directory(name: terms.name, logKey: terms.logKey, keys: keys)
  }

  private func chains() throws -> [KeyID: AuthorChain] {
    let sql = "SELECT next_sequence, last_digest, key_id FROM author WHERE next_sequence > 1"
    return try Dictionary(
      Row.fetchAll(db, sql: sql).map { row in
        guard let key = KeyID(try row.data(2)) else { throw Self.corrupt("an author's key id") }
        return (key, try Self.chain(row))
      }, uniquingKeysWith: { first, _ in first })
  }

  private static func authorKey(_ row: Row) throws -> AuthorKey {
    guard let memberID = MemberID(try row.text(1)), let role = Role(rawValue: try row.text(2)) else {
      throw corrupt("an author's member or role")
    }
    let registration = KeyRegistration(
      publicKey: try PublicKey(subjectPublicKeyInfo: Array(try row.data(0))), memberID: memberID, role: role,
      notBefore: Instant(microseconds: try row.integer(3)),
      notAfter: try row.optional(4, row.integer).map(Instant.init(microseconds:)), label: try row.text(5))
    let place = RecordPlace(
      position: try row.natural(6), index: UInt32(try row.natural(7, upTo: Limits.recordsPerBatch)))
    return AuthorKey(
      registration, registeredBy: place, depth: try row.natural(8, upTo: Directory.maxDepth),
      revokedAt: try row.optional(9, row.natural))
  }
}
