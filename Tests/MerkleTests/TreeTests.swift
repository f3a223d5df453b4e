import Merkle
import Primitives
import Testing

@Suite("Trees are those of RFC 6962")
struct TreeTests {
  struct Roots: Decodable {
    let roots: [HexDigest]
    let large: [String: HexDigest]
  }

  @Test func rootsOfAllSmallSizes() throws {
    let vector: Roots = try Fixtures.load("roots.json")
    #expect(vector.roots.count == 71)
    for (size, root) in vector.roots.enumerated() {
      #expect(MerkleTree.root(Fixtures.leaves(size)) == root.digest, "size \(size)")
    }
  }

  @Test func rootsOfLargeSizes() throws {
    let vector: Roots = try Fixtures.load("roots.json")
    #expect(vector.large.count == 10)
    var range = CompactRange()
    for leaf in Fixtures.leaves(70_000) {
      range.append(leaf)
      if let expected = vector.large["\(range.size)"] { #expect(range.root == expected.digest, "size \(range.size)") }
    }
    #expect(range.size == 70_000)
  }

  @Test func aBatchPathIsThePathOfTheTree() throws {
    for size in 1...70 {
      let leaves = Fixtures.leaves(size)
      for index in 0..<size {
        #expect(try MerkleTree.path(index: index, leaves: leaves) == Reference.path(index, leaves[...]))
      }
    }
  }

  @Test(arguments: [(-1, 5), (5, 5), (Int.max, 5), (0, 0)])
  func aBatchPathNeedsALeaf(_ index: Int, _ count: Int) {
    let failure = #expect(throws: Failure.self) {
      try MerkleTree.path(index: index, leaves: Fixtures.leaves(count))
    }
    #expect(failure?.reason == "INDEX_OUT_OF_RANGE")
  }

  @Test func aCompactRangeGoesOnFromItsFrontier() throws {
    let leaves = Fixtures.leaves(70)
    var range = CompactRange()
    for leaf in leaves {
      range.append(leaf)
      #expect(range.hashes.count == range.size.nonzeroBitCount)
      range = try CompactRange(size: range.size, hashes: range.hashes)
      #expect(range.root == Reference.root(leaves[..<Int(range.size)]))
    }
  }

  @Test(arguments: [(0, 1), (1, 0), (3, 1), (4, 3), (UInt64.max, 64)])
  func aFrontierMustFitItsSize(_ size: UInt64, _ count: Int) {
    let failure = #expect(throws: Failure.self) { try CompactRange(size: size, hashes: Fixtures.leaves(count)) }
    #expect(failure?.reason == "FRONTIER_MISMATCH")
  }
}
