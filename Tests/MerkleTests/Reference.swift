import Merkle
import Primitives

/// RFC 6962 §2.1 word for word: slow, recursive, and written without a look at the room.
enum Reference {
  static func root(_ leaves: ArraySlice<Digest>) -> Digest {
    guard let first = leaves.first else { return MerkleTree.emptyRoot }
    guard leaves.count > 1 else { return first }
    let split = split(leaves)
    return MerkleTree.nodeHash(root(leaves[..<split]), root(leaves[split...]))
  }

  static func path(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
    guard leaves.count > 1 else { return [] }
    let split = split(leaves)
    return index < split
      ? path(index, leaves[..<split]) + [root(leaves[split...])]
      : path(index, leaves[split...]) + [root(leaves[..<split])]
  }

  static func consistency(_ first: Int, _ leaves: ArraySlice<Digest>, whole: Bool = true) -> [Digest] {
    if first == leaves.endIndex { return whole ? [] : [root(leaves)] }
    let split = split(leaves)
    return first <= split
      ? consistency(first, leaves[..<split], whole: whole) + [root(leaves[split...])]
      : consistency(first, leaves[split...], whole: false) + [root(leaves[..<split])]
  }

  /// A source of complete subtrees; it fails the caller who asks for one that is not complete.
  static func nodes(of leaves: [Digest]) -> (Node) throws -> Digest {
    { node in
      let start = Int(node.index) << node.level
      guard start + 1 << node.level <= leaves.count else { throw IncompleteNode(node: node) }
      return root(leaves[start..<start + 1 << node.level])
    }
  }

  struct IncompleteNode: Error { let node: Node }

  private static func split(_ leaves: ArraySlice<Digest>) -> Int {
    var size = 1
    while size * 2 < leaves.count { size *= 2 }
    return leaves.startIndex + size
  }
}
