package import Primitives

/// A piece of the tree as C2SP tlog-tiles cuts it: up to 256 neighbouring nodes of the level `8 · level`.
package struct Tile: Hashable, Sendable {
  /// The hashes in a full tile.
  package static let fullWidth = 256
  /// The bytes of a full tile.
  package static let fullByteCount = fullWidth * Digest.byteCount
  /// The levels a tree of at most 2^62 leaves can reach.
  package static let levels = 0..<8

  /// The level of tiles, 0 to 7; level 0 holds leaf hashes.
  package let level: Int
  /// The number of tiles of this level to the left.
  package let index: UInt64
  /// The number of hashes, 1 to 256.
  package let width: Int

  /// Fails with MALFORMED_TILE where a number is outside its range.
  package init(level: Int, index: UInt64, width: Int = fullWidth) throws(Failure) {
    guard Self.levels.contains(level), 1...Self.fullWidth ~= width, index <= Node.maxTreeSize / 256 else {
      throw .malformed("MALFORMED_TILE", field: "tile", "level \(level), index \(index), width \(width): out of range")
    }
    self.init(unchecked: level, index, width)
  }

  init(unchecked level: Int, _ index: UInt64, _ width: Int) {
    self.level = level
    self.index = index
    self.width = width
  }

  /// Whether a tree of `size` leaves has all hashes of this tile.
  package func isPresent(inTreeOf size: UInt64) -> Bool {
    index * 256 + UInt64(width) <= size >> UInt64(8 * level)
  }

  /// The hash of a node that lies inside this tile, from the tile's hashes; nil for a node outside or incomplete.
  package func hash(of node: Node, in hashes: [Digest]) -> Digest? {
    let place = node.placeInTile
    guard place.level == level, place.index == index, place.range.upperBound <= hashes.count else { return nil }
    return MerkleTree.root(hashes[place.range])
  }
}

extension Tile {
  /// One level of the tiles that a tree has.
  package struct Row: Hashable, Sendable {
    /// The level of tiles.
    package let level: Int
    /// The number of full tiles.
    package let fullTiles: UInt64
    /// The width of the partial tile at the right edge, 0 where there is none.
    package let partialWidth: Int
  }

  /// The tiles of a tree of `size` leaves, lowest level first; no row is empty.
  package static func rows(size: UInt64) -> [Row] {
    levels.map { level in
      let nodes = size >> UInt64(8 * level)
      return Row(level: level, fullTiles: nodes / 256, partialWidth: Int(nodes % 256))
    }
    .filter { $0.fullTiles > 0 || $0.partialWidth > 0 }
  }

  /// The served bytes of a tile: its hashes, joined.
  package static func encode(_ hashes: some Collection<Digest>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashes.count * Digest.byteCount)
    for hash in hashes { hash.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// The hashes of a tile's bytes; fails with MALFORMED_TILE unless they are 1 to 256 times 32.
  package static func decode(_ bytes: some RandomAccessCollection<UInt8>) throws(Failure) -> [Digest] {
    guard bytes.count.isMultiple(of: Digest.byteCount), 1...fullByteCount ~= bytes.count else {
      throw .malformed("MALFORMED_TILE", field: "tile", "\(bytes.count) bytes; a tile is 1 to 256 times 32")
    }
    let rest = Array(bytes)
    return stride(from: 0, to: rest.count, by: Digest.byteCount).compactMap { Digest(rest[$0..<$0 + Digest.byteCount]) }
  }
}

extension Node {
  /// The tile that holds the nodes this one is made of, and which of its hashes they are.
  package var placeInTile: (level: Int, index: UInt64, range: Range<Int>) {
    let height = level % 8
    let width = 1 << height
    let start = Int(index % UInt64(256 >> height)) * width
    return (level / 8, index >> UInt64(8 - height), start..<start + width)
  }
}
