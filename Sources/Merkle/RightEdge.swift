package import Primitives

/// The part of a tiled tree that still changes: the partial tile of every level. Full tiles leave it and never change.
///
/// A copy is a snapshot; it shares its memory until one of the two grows.
package struct RightEdge: Hashable, Sendable {
  /// A tile that has just become full.
  package struct CompletedTile: Hashable, Sendable {
    /// Where it belongs.
    package let tile: Tile
    /// Its 256 hashes.
    package let hashes: [Digest]
  }

  /// The partial tile of each level, lowest first; an inner array may be empty, the last never is.
  package private(set) var partialTiles: [[Digest]]
  private var frontier: CompactRange

  /// The empty tree.
  package init() {
    partialTiles = []
    frontier = CompactRange()
  }

  /// Goes on from kept partial tiles; fails with RIGHT_EDGE_MISMATCH where their widths do not fit the size.
  package init(size: UInt64, partialTiles: [[Digest]]) throws(Failure) {
    let widths = Tile.rows(size: size).map(\.partialWidth)
    guard size <= Node.maxTreeSize, partialTiles.map(\.count) == widths else {
      throw Failure(
        .corrupt, "RIGHT_EDGE_MISMATCH",
        "partial tiles of \(partialTiles.map(\.count)) hashes for \(size) leaves; \(widths) are right")
    }
    self.partialTiles = partialTiles
    frontier = try CompactRange(size: size, hashes: partialTiles.reversed().flatMap(Self.frontier))
  }

  /// The number of leaves.
  package var size: UInt64 { frontier.size }

  /// The root of all leaves (RFC 6962 §2.1).
  package var root: Digest { frontier.root }

  /// Adds a leaf by its hash; gives back the tiles that it filled, lowest level first.
  package mutating func append(_ leaf: Digest) -> [CompletedTile] {
    var completed: [CompletedTile] = []
    var hash = leaf
    frontier.append(leaf)
    for level in Tile.levels {
      if level == partialTiles.count { partialTiles.append([]) }
      partialTiles[level].append(hash)
      guard partialTiles[level].count == Tile.fullWidth else { break }
      let index = size >> UInt64(8 * (level + 1)) - 1
      completed.append(CompletedTile(tile: Tile(unchecked: level, index, Tile.fullWidth), hashes: partialTiles[level]))
      hash = MerkleTree.root(partialTiles[level])
      partialTiles[level] = []
    }
    return completed
  }

  /// The hash of a complete subtree that lies inside a partial tile; nil for one in a full tile or beyond the edge.
  package func hash(of node: Node) -> Digest? {
    let place = node.placeInTile
    guard partialTiles.indices.contains(place.level), place.index == size >> UInt64(8 * (place.level + 1)) else {
      return nil
    }
    let tile = partialTiles[place.level]
    return place.range.upperBound <= tile.count ? MerkleTree.root(tile[place.range]) : nil
  }

  /// The roots of the largest complete subtrees in a partial tile, left to right.
  private static func frontier(of tile: [Digest]) -> [Digest] {
    var range = CompactRange()
    for hash in tile { range.append(hash) }
    return range.hashes
  }
}
