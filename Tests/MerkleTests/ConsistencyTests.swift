import Merkle
import Primitives
import Testing

@Suite("Consistency proofs")
struct ConsistencyTests {
  struct Vector: Decodable {
    let first_size: UInt64
    let second_size: UInt64
    let first_root: HexDigest
    let second_root: HexDigest
    let path: [HexDigest]
    let reason: String?

    func verify() throws(Failure) {
      try Proof.verifyConsistency(
        firstSize: first_size, secondSize: second_size, firstRoot: first_root.digest,
        secondRoot: second_root.digest, path: path.map(\.digest))
    }
  }

  @Test(arguments: Fixtures.names(in: "consistency"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("consistency/\(name)")
    try vector.verify()
    let leaves = Fixtures.leaves(Int(vector.second_size))
    let path = try Proof.consistencyPath(
      first: vector.first_size, second: vector.second_size, node: Reference.nodes(of: leaves))
    #expect(path == vector.path.map(\.digest))
  }

  @Test(arguments: Fixtures.names(in: "attacks/consistency"))
  func attack(_ name: String) throws {
    let vector: Vector = try Fixtures.load("attacks/consistency/\(name)")
    let failure = #expect(throws: Failure.self) { try vector.verify() }
    #expect(failure?.reason == vector.reason)
  }

  @Test func allVectorsAreThere() {
    #expect(Fixtures.names(in: "consistency").count == 17)
    #expect(Fixtures.names(in: "attacks/consistency").count == 26)
  }

  @Test func everyPairOfSmallTrees() throws {
    let leaves = Fixtures.leaves(70)
    let roots = (0...70).map { Reference.root(leaves[..<$0]) }
    for second in 1...70 {
      let nodes = Reference.nodes(of: Array(leaves[..<second]))
      for first in 1...second {
        let path = try Proof.consistencyPath(first: UInt64(first), second: UInt64(second), node: nodes)
        #expect(try Proof.consistencyPath(first: UInt64(first), second: UInt64(second), leaves: leaves) == path)
        #expect(path == Reference.consistency(first, leaves[..<second]))
        try Proof.verifyConsistency(
          firstSize: UInt64(first), secondSize: UInt64(second), firstRoot: roots[first], secondRoot: roots[second],
          path: path)
      }
    }
  }

  @Test(arguments: [(6, 23), (16, 23), (22, 23), (1, 23)])
  func everyFlippedByteIsRefused(_ first: Int, _ second: Int) throws {
    let leaves = Fixtures.leaves(second)
    let (firstRoot, secondRoot) = (Reference.root(leaves[..<first]), Reference.root(leaves[...]))
    let path = Reference.consistency(first, leaves[...])
    func accepts(_ path: [Digest], _ firstRoot: Digest, _ secondRoot: Digest) -> Bool {
      let verified: Void? = try? Proof.verifyConsistency(
        firstSize: UInt64(first), secondSize: UInt64(second), firstRoot: firstRoot, secondRoot: secondRoot, path: path)
      return verified != nil
    }
    #expect(accepts(path, firstRoot, secondRoot))
    for byte in 0..<32 {
      for step in path.indices {
        var wrong = path
        wrong[step] = path[step].flipped(byte: byte)
        #expect(!accepts(wrong, firstRoot, secondRoot))
      }
      #expect(!accepts(path, firstRoot.flipped(byte: byte), secondRoot))
      #expect(!accepts(path, firstRoot, secondRoot.flipped(byte: byte)))
    }
  }

  @Test func whatCannotBeProvedIsNotBuilt() {
    let nodes = Reference.nodes(of: Fixtures.leaves(8))
    func reason(_ first: UInt64, _ second: UInt64) -> String? {
      #expect(throws: Failure.self) { try Proof.consistencyPath(first: first, second: second, node: nodes) }?.reason
    }
    #expect(reason(0, 8) == "EMPTY_TREE")
    #expect(reason(8, 7) == "SHRINKING_TREE")
    let failure = #expect(throws: Failure.self) { try Proof.inclusionPath(index: 8, size: 8, node: nodes) }
    #expect(failure?.reason == "INDEX_OUT_OF_RANGE")
    let beyond = #expect(throws: Failure.self) {
      try Proof.consistencyPath(first: 3, second: 9, leaves: Fixtures.leaves(8))
    }
    #expect(beyond?.reason == "TREE_SIZE_OUT_OF_RANGE")
  }
}
