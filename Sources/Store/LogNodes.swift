import Ledger
package import Merkle
package import Primitives

/// The log tree's nodes: in memory while they are in a partial tile, on disk afterwards. For one answer; a tile is read once.
package final class LogNodes {
  private let edge: RightEdge
  private let reader: LedgerReader
  private var tiles: [Tile: [Digest]] = [:]

  /// The nodes of the tree that ends in that edge.
  package init(edge: RightEdge, reader: LedgerReader) {
    self.edge = edge
    self.reader = reader
  }

  /// The hash of a complete subtree of it.
  package func hash(of node: Node) throws -> Digest {
    if let hash = edge.hash(of: node) { return hash }
    let place = node.placeInTile
    let tile = try Tile(level: place.level, index: place.index)
    let hashes = try tiles[tile] ?? reader.tile(level: place.level, number: place.index)
    guard let hashes, let hash = tile.hash(of: node, in: hashes) else {
      throw LedgerReader.corrupt("tile \(place.index) of level \(place.level) is missing and the log tree")
    }
    tiles[tile] = hashes
    return hash
  }
}

extension LedgerReader {
  /// The root over the first `size` entries of the view's log.
  package func root(size: UInt64, in view: LedgerView) throws -> Digest {
    if size == view.checkpoint.size { return view.checkpoint.root }
    return try Proof.root(size: size, node: LogNodes(edge: view.edge, reader: self).hash)
  }
}
