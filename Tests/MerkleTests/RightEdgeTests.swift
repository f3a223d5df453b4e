import Merkle
import Primitives
import SeededRandom
import Signing
import Testing

@Suite("The right edge with the full tiles is the whole tree")
struct RightEdgeTests {
  /// A tree as the store keeps it: full tiles on disk, the rest in memory.
  struct TiledTree {
    var edge = RightEdge()
    var full: [Tile: [Digest]] = [:]

    mutating func append(_ leaf: Digest) {
      for completed in edge.append(leaf) { full[completed.tile] = completed.hashes }
    }

    func node(_ node: Node) throws -> Digest {
      if let hash = edge.hash(of: node) { return hash }
      let place = node.placeInTile
      let tile = try Tile(level: place.level, index: place.index)
      guard let hash = tile.hash(of: node, in: full[tile] ?? []) else { throw Reference.IncompleteNode(node: node) }
      return hash
    }
  }

  @Test func smallTreesAreExact() throws {
    let leaves = Fixtures.leaves(70)
    var tree = TiledTree()
    #expect(tree.edge.root == MerkleTree.emptyRoot)
    for (index, leaf) in leaves.enumerated() {
      tree.append(leaf)
      #expect(tree.edge.size == UInt64(index + 1))
      #expect(tree.edge.root == Reference.root(leaves[...index]))
    }
    #expect(tree.full.isEmpty)
  }

  @Test(arguments: [UInt64(20_261_122)])
  func largeTreesAreExactWhereTheyAreSampled(_ seed: UInt64) throws {
    print("seed \(seed)")
    var generator = SplitMix64(seed: seed)
    let leaves = Fixtures.leaves(70_000)
    let sampled: Set = [255, 256, 257, 511, 512, 4_000, 65_279, 65_280, 65_535, 65_536, 65_537, 66_000, 70_000]
    var tree = TiledTree()
    for (index, leaf) in leaves.enumerated() {
      tree.append(leaf)
      let size = index + 1
      guard sampled.contains(size) else { continue }
      let root = Reference.root(leaves[..<size])
      #expect(tree.edge.root == root, "size \(size)")
      #expect(try Proof.root(size: UInt64(size), node: tree.node) == root)
      try check(tree, leaves[..<size], root, &generator)
    }
    #expect(tree.full.count == 274)
    #expect(tree.full.values.allSatisfy { $0.count == 256 })
  }

  private func check(
    _ tree: TiledTree, _ leaves: ArraySlice<Digest>, _ root: Digest, _ generator: inout SplitMix64
  ) throws {
    let size = UInt64(leaves.count)
    for index in [0, size - 1] + (0..<3).map({ _ in UInt64.random(in: 0..<size, using: &generator) }) {
      let path = try Proof.inclusionPath(index: index, size: size, node: tree.node)
      try Proof.verifyInclusion(leaf: leaves[Int(index)], index: index, size: size, path: path, root: root)
      let first = index + 1
      let consistency = try Proof.consistencyPath(first: first, second: size, node: tree.node)
      try Proof.verifyConsistency(
        firstSize: first, secondSize: size, firstRoot: Reference.root(leaves[..<Int(first)]), secondRoot: root,
        path: consistency)
    }
  }

  struct Tiles: Decodable {
    let size: Int
    let tiles: [String: HexDigest]
  }

  @Test func theTilesAreThoseOfTheSpecification() throws {
    let vector: Tiles = try Fixtures.load("tiles.json")
    #expect(vector.tiles.count == 35)
    var tree = TiledTree()
    for leaf in Fixtures.leaves(vector.size) { tree.append(leaf) }
    for (path, digest) in vector.tiles {
      guard case .hashes(let tile) = try TilePath(path) else {
        Issue.record("\(path) is no tile of hashes")
        continue
      }
      let hashes = tree.full[tile] ?? tree.edge.partialTiles[tile.level]
      #expect(hashes.count == tile.width)
      #expect(SHA256.hash(Tile.encode(hashes)) == digest.digest, "\(path)")
      #expect(tile.isPresent(inTreeOf: tree.edge.size))
    }
  }

  @Test func anEarlierTreeIsProvedFromALaterOne() throws {
    let leaves = Fixtures.leaves(1_000)
    var tree = TiledTree()
    for leaf in leaves { tree.append(leaf) }
    for size in [1, 255, 256, 300, 511, 777, 1_000] {
      let path = try Proof.inclusionPath(index: UInt64(size / 2), size: UInt64(size), node: tree.node)
      #expect(path == Reference.path(size / 2, leaves[..<size]))
    }
  }

  @Test func completedTilesComeOnceAndInOrder() throws {
    var edge = RightEdge()
    var completed: [Tile] = []
    for leaf in Fixtures.leaves(65_536) { completed += edge.append(leaf).map(\.tile) }
    let expected = try (0..<256).map { try Tile(level: 0, index: $0) } + [Tile(level: 1, index: 0)]
    #expect(completed == expected)
    #expect(edge.partialTiles.map(\.count) == [0, 0, 1])
  }

  @Test func itGoesOnFromWhatWasKept() throws {
    let leaves = Fixtures.leaves(66_000)
    var edge = RightEdge()
    for (index, leaf) in leaves.enumerated() {
      _ = edge.append(leaf)
      if index % 911 == 0 || index == 65_535 {
        let again = try RightEdge(size: edge.size, partialTiles: edge.partialTiles)
        #expect(again == edge)
        edge = again
      }
    }
    #expect(edge.root == Reference.root(leaves[...]))
    #expect(try RightEdge(size: 0, partialTiles: []) == RightEdge())
  }

  @Test func aCopyIsASnapshot() {
    var edge = RightEdge()
    for leaf in Fixtures.leaves(300) { _ = edge.append(leaf) }
    let snapshot = edge
    for leaf in Fixtures.leaves(300) { _ = edge.append(leaf) }
    #expect(snapshot.size == 300)
    #expect(snapshot.root == Reference.root(Fixtures.leaves(300)[...]))
    #expect(edge.size == 600)
  }

  @Test(
    arguments: [
      (1, []), (0, [1]), (1, [2]), (256, [256]), (256, [0]), (257, [1, 1, 0]), (300, [44]), (UInt64.max, [255]),
    ] as [(UInt64, [Int])])
  func partialTilesMustFitTheSize(_ size: UInt64, _ widths: [Int]) {
    let failure = #expect(throws: Failure.self) {
      try RightEdge(size: size, partialTiles: widths.map(Fixtures.leaves))
    }
    #expect(failure?.reason == "RIGHT_EDGE_MISMATCH")
  }
}
