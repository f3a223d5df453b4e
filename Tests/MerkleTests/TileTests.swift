import Merkle
import Primitives
import Testing

@Suite("Tiles are named and cut as C2SP tlog-tiles says")
struct TileTests {
  @Test(arguments: [
    (0, 0, 256, "tile/0/000"), (0, 5, 256, "tile/0/005"), (1, 999, 256, "tile/1/999"),
    (0, 1000, 256, "tile/0/x001/000"),
    (0, 1_234_067, 256, "tile/0/x001/x234/067"), (3, 0, 1, "tile/3/000.p/1"),
    (0, 273, 112, "tile/0/273.p/112"), (7, 1_000_000, 255, "tile/7/x001/x000/000.p/255"),
  ])
  func names(_ level: Int, _ index: UInt64, _ width: Int, _ text: String) throws {
    let tile = try Tile(level: level, index: index, width: width)
    #expect(TilePath.hashes(tile).description == text)
    #expect(try TilePath(text) == .hashes(tile))
  }

  @Test func entryBundlesAreNamedAlike() throws {
    let path = TilePath.entries(try Tile(level: 0, index: 1_234_067, width: 9))
    #expect(path.description == "tile/entries/x001/x234/067.p/9")
    #expect(try TilePath(path.description) == path)
  }

  @Test(arguments: [
    "", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1000",
    "tile/0/x000/001", "tile/0/001/001", "tile/0/x001", "tile/0/x001/x001", "tile/8/000", "tile/-1/000", "tile/+1/000",
    "tile/00/000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/257",
    "tile/0/000.p/01", "tile/0/000.p/+1", "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/0/000/..", "tile/0/../000",
    "tile/0/xx01/000", "tile/0/x001/x234/x067", "tile/entries", "tile/entries/0", "tile/Entries/000", "tile/0/٠٠٠",
    "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x018/x446/x744/x073/x709/x551/616",
    "tile/0/" + String(repeating: "x001/", count: 100) + "000",
  ])
  func refuses(_ text: String) {
    let failure = #expect(throws: Failure.self) { try TilePath(text) }
    #expect(failure?.reason == "MALFORMED_TILE_PATH")
  }

  @Test func rowsOfATree() throws {
    #expect(Tile.rows(size: 0).isEmpty)
    let rows = Tile.rows(size: 70_000)
    #expect(rows.map(\.level) == [0, 1, 2])
    #expect(rows.map(\.fullTiles) == [273, 1, 0])
    #expect(rows.map(\.partialWidth) == [112, 17, 1])
    #expect(Tile.rows(size: 256).map(\.partialWidth) == [0, 1])
    #expect(Tile.rows(size: .max).count == 8)
  }

  @Test func presence() throws {
    #expect(try Tile(level: 0, index: 0, width: 1).isPresent(inTreeOf: 1))
    #expect(try !Tile(level: 0, index: 0, width: 1).isPresent(inTreeOf: 0))
    #expect(try Tile(level: 0, index: 0).isPresent(inTreeOf: 256))
    #expect(try !Tile(level: 0, index: 0).isPresent(inTreeOf: 255))
    #expect(try !Tile(level: 1, index: 0, width: 2).isPresent(inTreeOf: 511))
    #expect(try Tile(level: 1, index: 0, width: 2).isPresent(inTreeOf: 512))
  }

  @Test func bytes() throws {
    let hashes = Fixtures.leaves(3)
    #expect(Tile.encode(hashes) == hashes.flatMap(\.bytes))
    #expect(try Tile.decode(Tile.encode(hashes)) == hashes)
    for count in [0, 1, 31, 33, 8193, 8224] {
      #expect(throws: Failure.self) { try Tile.decode([UInt8](repeating: 0, count: count)) }
    }
  }

  @Test func nodesInsideATile() throws {
    let leaves = Fixtures.leaves(600)
    let tile = try Tile(level: 0, index: 1)
    let hashes = Array(leaves[256..<512])
    for level in 0..<8 {
      let index = UInt64(256 >> level) + 3 % UInt64(256 >> level)
      let expected = try Reference.nodes(of: leaves)(Node(level: level, index: index))
      #expect(tile.hash(of: Node(level: level, index: index), in: hashes) == expected)
    }
    #expect(tile.hash(of: Node(level: 0, index: 255), in: hashes) == nil)
    #expect(tile.hash(of: Node(level: 0, index: 512), in: hashes) == nil)
    #expect(tile.hash(of: Node(level: 8, index: 1), in: hashes) == nil)
    #expect(tile.hash(of: Node(level: 1, index: 129), in: Array(hashes.prefix(3))) == nil)
  }
}
