package import Primitives

extension Proof {
  /// Checks that `leaf` is the leaf `index` of the tree of `size` leaves with this root (RFC 9162 §2.1.3.2).
  ///
  /// Fails with EMPTY_TREE, INDEX_OUT_OF_RANGE, PATH_LENGTH or ROOT_MISMATCH.
  package static func verifyInclusion(
    leaf: Digest, index: UInt64, size: UInt64, path: [Digest], root: Digest
  ) throws(Failure) {
    guard size > 0 else { throw .emptyTree("size") }
    guard index < size else { throw .indexOutOfRange("\(index)", size: "\(size)") }
    let shape = Shape(index: index, size: size)
    guard path.count == shape.inner + shape.border else {
      throw .pathLength(path.count, expected: shape.inner + shape.border)
    }
    var hash = leaf
    for (level, sibling) in path.enumerated() {
      let isRight = level >= shape.inner || index >> UInt64(level) & 1 == 1
      hash = isRight ? MerkleTree.nodeHash(sibling, hash) : MerkleTree.nodeHash(hash, sibling)
    }
    guard hash == root else { throw .rootMismatch("ROOT_MISMATCH", computed: hash, given: root) }
  }

  /// Checks that the tree of `secondSize` leaves begins with the tree of `firstSize` leaves (RFC 9162 §2.1.4.2).
  ///
  /// Equal sizes need an empty path. Fails with EMPTY_TREE, SHRINKING_TREE, PATH_LENGTH, FIRST_ROOT_MISMATCH or
  /// SECOND_ROOT_MISMATCH.
  package static func verifyConsistency(
    firstSize: UInt64, secondSize: UInt64, firstRoot: Digest, secondRoot: Digest, path: [Digest]
  ) throws(Failure) {
    try checkSizes(firstSize, secondSize)
    guard firstSize < secondSize else {
      guard path.isEmpty else { throw .pathLength(path.count, expected: 0) }
      guard firstRoot == secondRoot else {
        throw .rootMismatch("SECOND_ROOT_MISMATCH", computed: firstRoot, given: secondRoot)
      }
      return
    }
    let shape = Shape(first: firstSize, second: secondSize)
    let startsAtRoot = firstSize.nonzeroBitCount == 1
    let expected = shape.inner + shape.border + (startsAtRoot ? 0 : 1)
    guard path.count == expected else { throw .pathLength(path.count, expected: expected) }

    var first = startsAtRoot ? firstRoot : path[0]
    var second = first
    let edge = (firstSize - 1) >> UInt64(firstSize.trailingZeroBitCount)
    for (level, sibling) in path.dropFirst(startsAtRoot ? 0 : 1).enumerated() {
      if level >= shape.inner || edge >> UInt64(level) & 1 == 1 {
        first = MerkleTree.nodeHash(sibling, first)
        second = MerkleTree.nodeHash(sibling, second)
      } else {
        second = MerkleTree.nodeHash(second, sibling)
      }
    }
    guard first == firstRoot else { throw .rootMismatch("FIRST_ROOT_MISMATCH", computed: first, given: firstRoot) }
    guard second == secondRoot else { throw .rootMismatch("SECOND_ROOT_MISMATCH", computed: second, given: secondRoot) }
  }

  static func checkSizes(_ first: UInt64, _ second: UInt64) throws(Failure) {
    guard first > 0 else { throw .emptyTree("first_size") }
    guard first <= second else {
      throw .malformed(
        "SHRINKING_TREE", field: "second_size", "\(second) after \(first); a tree never becomes smaller")
    }
  }
}

extension Failure {
  static func emptyTree(_ field: String) -> Failure {
    .malformed("EMPTY_TREE", field: field, "0; a tree without leaves proves nothing")
  }

  fileprivate static func pathLength(_ count: Int, expected: Int) -> Failure {
    .malformed("PATH_LENGTH", field: "path", "\(count) hashes; the sizes ask for exactly \(expected)")
  }

  static func rootMismatch(_ reason: String, computed: Digest, given: Digest) -> Failure {
    Failure(.corrupt, reason, "the path leads to the root \(computed); the given root is \(given)")
  }
}
