import Foundation
import Ledger
import Merkle
import Primitives
import Store
import Consortium

/// A batch as it is stored, and the tree over its records.
struct ProvableBatch {
  let stored: StoredEntry
  let author: AuthorKey
  /// What its records take, in bytes.
  let byteCount: Int
  private let records: [Data]
  /// The tree's complete subtrees, from the leaves up.
  private let rows: [[Digest]]

  /// Reads the batch of a log entry.
  init(_ stored: StoredEntry, reader: LedgerReader, directory: Directory) throws {
    self.stored = stored
    author = try directory.key(try BatchHeader(try LogEntry(stored.bytes).header).authorKeyID)
    records = try reader.records(of: stored)
    byteCount = records.reduce(0) { $0 + $1.count }
    var rows = [try reader.recordIDs(of: stored, records: records)]
    while let row = rows.last, row.count > 1 {
      rows.append(stride(from: 1, to: row.count, by: 2).map { MerkleTree.nodeHash(row[$0 - 1], row[$0]) })
    }
    self.rows = rows
  }

  /// A record's bytes, empty where it was erased; notFound UNKNOWN_RECORD.
  func record(at index: UInt32) throws -> Data {
    guard Int(index) < records.count else {
      throw Failure(
        .notFound, "UNKNOWN_RECORD", "record_position: entry \(stored.position) has no record \(index)")
    }
    return records[Int(index)]
  }

  /// The path from a record to the header's root.
  func path(to index: UInt32) throws -> [Digest] {
    try Proof.inclusionPath(index: UInt64(index), size: UInt64(records.count), node: hash)
  }

  /// The multi-proof from records, ascending by index, to the header's root.
  func proof(of indices: [UInt32]) throws -> [Digest] {
    try MultiProof.hashes(of: indices.map(UInt64.init), size: UInt64(records.count), node: hash)
  }

  private func hash(of node: Node) throws -> Digest {
    guard node.level < rows.count, node.index < rows[node.level].count else {
      throw LedgerReader.corrupt("the batch at log position \(stored.position)")
    }
    return rows[node.level][Int(node.index)]
  }
}
