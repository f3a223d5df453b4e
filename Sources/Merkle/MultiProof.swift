package import Primitives

/// One proof for many leaves of a tree: what their paths to the root need and do not give each other.
///
/// The tree is seen in rows. Row 0 holds the leaf hashes; each row above holds the hashes of neighbouring pairs, an odd last
/// hash rising unchanged; the last row is the root (RFC 6962 §2.1). A proof holds the siblings that are not known yet, row
/// by row from the leaves up, in a row from left to right. Nothing else is a proof: there is exactly one for every set.
package enum MultiProof {
  /// Where the hashes of the proof for the leaves `indices` stand, in the order of the proof. The last node of a row may
  /// stand for an incomplete subtree.
  ///
  /// Fails with EMPTY_TREE, NO_LEAVES, INDEX_ORDER or INDEX_OUT_OF_RANGE.
  package static func siblings(of indices: [UInt64], size: UInt64) throws(Failure) -> [Node] {
    var siblings: [Node] = []
    try climb(
      indices.map { (index: $0, hash: ()) }, size: size,
      sibling: { node throws(Failure) in siblings.append(node) },
      join: { _, _ in })
    return siblings
  }

  /// The proof for the leaves `indices`, ascending, of the tree of `size` leaves; fails as `siblings` does.
  package static func hashes(of indices: [UInt64], size: UInt64, node: Proof.NodeSource) throws -> [Digest] {
    try siblings(of: indices, size: size).map { sibling in
      let start = sibling.index << UInt64(sibling.level)
      let isComplete = size - start >= 1 << UInt64(sibling.level)
      return try isComplete ? node(sibling) : Proof.edge(from: start, to: size, node: node)
    }
  }

  /// Checks that these leaves, ascending by index, stand in the tree of `size` leaves with this root.
  ///
  /// Fails with EMPTY_TREE, NO_LEAVES, INDEX_ORDER, INDEX_OUT_OF_RANGE, PROOF_LENGTH or ROOT_MISMATCH.
  package static func verify(
    leaves: [(index: UInt64, hash: Digest)], size: UInt64, hashes: [Digest], root: Digest
  ) throws(Failure) {
    var rest = hashes[...]
    let computed = try climb(
      leaves, size: size,
      sibling: { _ throws(Failure) in
        guard let hash = rest.popFirst() else { throw proofLength(hashes.count, "more") }
        return hash
      }, join: MerkleTree.nodeHash)
    guard rest.isEmpty else { throw proofLength(hashes.count, "exactly \(hashes.count - rest.count)") }
    guard computed == root else { throw .rootMismatch("ROOT_MISMATCH", computed: computed, given: root) }
  }

  /// Goes from a row of known nodes to the root, which it gives back; asks for each sibling that is not known.
  @discardableResult
  private static func climb<Hash>(
    _ leaves: [(index: UInt64, hash: Hash)], size: UInt64, sibling: (Node) throws(Failure) -> Hash,
    join: (_ left: Hash, _ right: Hash) -> Hash
  ) throws(Failure) -> Hash {
    try check(leaves.map(\.index), size: size)
    var row = leaves
    var (level, width) = (0, size)
    while width > 1 {
      var above: [(index: UInt64, hash: Hash)] = []
      var rest = row[...]
      while let (index, hash) = rest.popFirst() {
        let other = index ^ 1
        let parent: Hash
        if other >= width {
          parent = hash
        } else if other > index, rest.first?.index == other, let (_, right) = rest.popFirst() {
          parent = join(hash, right)
        } else {
          let found = try sibling(Node(level: level, index: other))
          parent = other > index ? join(hash, found) : join(found, hash)
        }
        above.append((index / 2, parent))
      }
      row = above
      (level, width) = (level + 1, width / 2 + width % 2)
    }
    return row[0].hash
  }

  private static func check(_ indices: [UInt64], size: UInt64) throws(Failure) {
    guard size > 0 else { throw .emptyTree("size") }
    guard let last = indices.last else {
      throw .malformed("NO_LEAVES", field: "indices", "a proof is about one leaf at least")
    }
    guard zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw .malformed("INDEX_ORDER", field: "indices", "ascending, and each once")
    }
    guard last < size else { throw .indexOutOfRange("\(last)", size: "\(size)") }
  }

  private static func proofLength(_ count: Int, _ expected: String) -> Failure {
    .malformed("PROOF_LENGTH", field: "hashes", "\(count) hashes; the leaves and the size ask for \(expected)")
  }
}
