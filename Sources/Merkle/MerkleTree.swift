package import FoundationEssentials
package import Primitives
import Signing

/// The hash tree of RFC 6962 §2.1 (the same as RFC 9162 §2.1), over leaf hashes.
package enum MerkleTree {
  /// The root of the tree without leaves: SHA-256 of nothing.
  package static let emptyRoot = SHA256.hash([UInt8]())

  /// SHA-256(0x00 ‖ entry).
  package static func leafHash(_ entry: UnsafeRawBufferPointer) -> Digest {
    SHA256.hash(prefix: 0, entry)
  }

  /// SHA-256(0x00 ‖ entry).
  package static func leafHash(_ entry: some ContiguousBytes) -> Digest {
    SHA256.hash(prefix: 0, entry)
  }

  /// SHA-256(0x01 ‖ left ‖ right).
  package static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
    SHA256.hash(prefix: 1, left, right)
  }

  /// The root over these leaf hashes, in order.
  package static func root(_ leaves: some Sequence<Digest>) -> Digest {
    var range = CompactRange()
    for leaf in leaves { range.append(leaf) }
    return range.root
  }

  /// The inclusion path, leaf to root, of the leaf at `index`; fails with INDEX_OUT_OF_RANGE.
  package static func path(index: Int, leaves: [Digest]) throws(Failure) -> [Digest] {
    guard leaves.indices.contains(index) else { throw .indexOutOfRange("\(index)", size: "\(leaves.count)") }
    var path: [Digest] = []
    var position = index
    var row = leaves
    while row.count > 1 {
      let sibling = position ^ 1
      if sibling < row.count { path.append(row[sibling]) }
      row = rowAbove(row)
      position >>= 1
    }
    return path
  }

  /// The parents of a row of nodes; an odd last node rises unchanged.
  private static func rowAbove(_ row: [Digest]) -> [Digest] {
    stride(from: 0, to: row.count, by: 2).map { left in
      left + 1 < row.count ? nodeHash(row[left], row[left + 1]) : row[left]
    }
  }
}

extension Failure {
  static func indexOutOfRange(_ index: String, size: String) -> Failure {
    .malformed("INDEX_OUT_OF_RANGE", field: "index", "\(index); a tree of \(size) leaves has indexes below its size")
  }
}
