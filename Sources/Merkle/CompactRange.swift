package import Primitives

/// A growing tree of which only the frontier is kept: the roots of the largest complete subtrees, left to right, one for
/// each bit set in the size. Appending costs O(1) hashes on average, the root O(log n).
package struct CompactRange: Hashable, Sendable {
  /// The number of leaves.
  package private(set) var size: UInt64
  /// The roots of the complete subtrees, largest first.
  package private(set) var hashes: [Digest]

  /// The tree without leaves.
  package init() {
    size = 0
    hashes = []
  }

  /// Goes on from a frontier kept earlier; fails with FRONTIER_MISMATCH where the number of hashes does not fit the size.
  package init(size: UInt64, hashes: [Digest]) throws(Failure) {
    guard size <= Node.maxTreeSize, hashes.count == size.nonzeroBitCount else {
      throw Failure(
        .corrupt, "FRONTIER_MISMATCH",
        "\(hashes.count) frontier hashes for \(size) leaves; \(size.nonzeroBitCount) are right")
    }
    self.size = size
    self.hashes = hashes
  }

  /// Adds a leaf by its hash.
  package mutating func append(_ leaf: Digest) {
    var hash = leaf
    for _ in 0..<(~size).trailingZeroBitCount {
      hash = MerkleTree.nodeHash(hashes.removeLast(), hash)
    }
    hashes.append(hash)
    size += 1
  }

  /// The root of all leaves so far (RFC 6962 §2.1).
  package var root: Digest { Self.fold(hashes) ?? MerkleTree.emptyRoot }

  /// The root over complete subtrees, largest first; nil for none.
  static func fold(_ subtrees: [Digest]) -> Digest? {
    guard var hash = subtrees.last else { return nil }
    for subtree in subtrees.dropLast().reversed() { hash = MerkleTree.nodeHash(subtree, hash) }
    return hash
  }
}
