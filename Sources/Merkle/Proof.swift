package import Primitives

/// Inclusion and consistency proofs (RFC 9162 §2.1.3, §2.1.4), made from stored nodes and checked against roots.
package enum Proof {
  /// Fetches the hash of a complete subtree.
  package typealias NodeSource = (Node) throws -> Digest

  /// The path, leaf to root, of the leaf `index` in the tree of `size` leaves; fails with INDEX_OUT_OF_RANGE.
  package static func inclusionPath(index: UInt64, size: UInt64, node: NodeSource) throws -> [Digest] {
    guard index < size else { throw Failure.indexOutOfRange("\(index)", size: "\(size)") }
    return try siblings(of: index, from: 0, size: size, node: node)
  }

  /// The path from the tree of `first` leaves to the tree of `second`; empty where they are equal.
  ///
  /// Fails with EMPTY_TREE or SHRINKING_TREE.
  package static func consistencyPath(first: UInt64, second: UInt64, node: NodeSource) throws -> [Digest] {
    try checkSizes(first, second)
    return try pathBetween(first, second, node: node)
  }

  /// The same from leaf hashes, which are as many as the larger tree has or more; fails with TREE_SIZE_OUT_OF_RANGE else.
  package static func consistencyPath(
    first: UInt64, second: UInt64, leaves: [Digest]
  ) throws(Failure) -> [Digest] {
    try checkSizes(first, second)
    guard second <= leaves.count else {
      throw Failure(.outOfRange, "TREE_SIZE_OUT_OF_RANGE", "second_size: \(second); there are \(leaves.count) leaves")
    }
    return pathBetween(first, second) { node in
      let start = Int(node.index << UInt64(node.level))
      return MerkleTree.root(leaves[start..<start + 1 << node.level])
    }
  }

  /// The root of the tree of `size` leaves.
  package static func root(size: UInt64, node: NodeSource) throws -> Digest {
    size == 0 ? MerkleTree.emptyRoot : try edge(from: 0, to: size, node: node)
  }

  /// The path between trees whose sizes are in order.
  private static func pathBetween<Cause: Error>(
    _ first: UInt64, _ second: UInt64, node: (Node) throws(Cause) -> Digest
  ) throws(Cause) -> [Digest] {
    guard first < second else { return [] }
    let level = first.trailingZeroBitCount
    let start = first.nonzeroBitCount == 1 ? [] : [try node(Node(level: level, index: (first - 1) >> UInt64(level)))]
    return try start + siblings(of: first - 1, from: level, size: second, node: node)
  }

  /// The siblings on the way from the ancestor of the leaf `index` at level `from` to the root.
  private static func siblings<Cause: Error>(
    of index: UInt64, from: Int, size: UInt64, node: (Node) throws(Cause) -> Digest
  ) throws(Cause) -> [Digest] {
    let inner = Shape(index: index, size: size).inner
    var path: [Digest] = []
    for level in from..<max(from, inner) {
      let sibling = Node(level: level, index: index >> UInt64(level) ^ 1)
      let isEdge = level == inner - 1
      path.append(try isEdge ? edge(from: sibling.index << UInt64(level), to: size, node: node) : node(sibling))
    }
    for level in inner..<UInt64.bitWidth where index >> UInt64(level) & 1 == 1 {
      path.append(try node(Node(level: level, index: index >> UInt64(level) - 1)))
    }
    return path
  }

  /// The root over the leaves from `start`, where a subtree begins, up to the right edge of the tree.
  static func edge<Cause: Error>(
    from start: UInt64, to size: UInt64, node: (Node) throws(Cause) -> Digest
  ) throws(Cause) -> Digest {
    var subtrees: [Digest] = []
    var start = start
    while start < size {
      let level = UInt64.bitWidth - 1 - (size - start).leadingZeroBitCount
      subtrees.append(try node(Node(level: level, index: start >> UInt64(level))))
      start += 1 << UInt64(level)
    }
    return CompactRange.fold(subtrees) ?? MerkleTree.emptyRoot
  }
}

extension Proof {
  /// How many siblings a path has: `inner` below the point where it meets the path of the last leaf, `border` above it,
  /// where every sibling is on the left.
  struct Shape {
    let inner: Int
    let border: Int

    /// The path of the leaf `index`, which must be below `size`.
    init(index: UInt64, size: UInt64) {
      inner = UInt64.bitWidth - (index ^ (size - 1)).leadingZeroBitCount
      border = (index >> UInt64(inner)).nonzeroBitCount
    }

    /// The path that starts at the last complete subtree of the `first` tree; `0 < first < second`.
    init(first: UInt64, second: UInt64) {
      let whole = Shape(index: first - 1, size: second)
      inner = whole.inner - first.trailingZeroBitCount
      border = whole.border
    }

  }
}
