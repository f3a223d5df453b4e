import Merkle
import Primitives
import Testing

@Suite("Inclusion proofs")
struct InclusionTests {
  struct Vector: Decodable {
    let leaf: HexDigest
    let index: UInt64
    let size: UInt64
    let path: [HexDigest]
    let root: HexDigest
    let reason: String?

    func verify() throws(Failure) {
      try Proof.verifyInclusion(
        leaf: leaf.digest, index: index, size: size, path: path.map(\.digest), root: root.digest)
    }
  }

  @Test(arguments: Fixtures.names(in: "inclusion"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("inclusion/\(name)")
    try vector.verify()
    let leaves = Fixtures.leaves(Int(vector.size))
    #expect(try MerkleTree.path(index: Int(vector.index), leaves: leaves) == vector.path.map(\.digest))
  }

  @Test(arguments: Fixtures.names(in: "attacks/inclusion"))
  func attack(_ name: String) throws {
    let vector: Vector = try Fixtures.load("attacks/inclusion/\(name)")
    let failure = #expect(throws: Failure.self) { try vector.verify() }
    #expect(failure?.reason == vector.reason)
  }

  @Test func allVectorsAreThere() {
    #expect(Fixtures.names(in: "inclusion").count == 18)
    #expect(Fixtures.names(in: "attacks/inclusion").count == 28)
  }

  @Test func everyLeafOfEverySmallTree() throws {
    for size in 1...70 {
      let leaves = Fixtures.leaves(size)
      let root = Reference.root(leaves[...])
      for index in 0..<size {
        let path = try Proof.inclusionPath(
          index: UInt64(index), size: UInt64(size), node: Reference.nodes(of: leaves))
        #expect(path == Reference.path(index, leaves[...]))
        try Proof.verifyInclusion(
          leaf: leaves[index], index: UInt64(index), size: UInt64(size), path: path, root: root)
      }
    }
  }

  @Test func aProofFitsOneIndexAndOneSizeOnly() throws {
    let leaves = Fixtures.leaves(40)
    for size in 1...40 {
      let root = Reference.root(leaves[..<size])
      for index in 0..<size {
        let path = Reference.path(index, leaves[..<size])
        for other in 0..<size where other != index {
          #expect(throws: Failure.self) {
            try Proof.verifyInclusion(
              leaf: leaves[index], index: UInt64(other), size: UInt64(size), path: path, root: root)
          }
        }
      }
    }
  }

  @Test func everyFlippedByteIsRefused() throws {
    let leaves = Fixtures.leaves(23)
    let root = Reference.root(leaves[...])
    for index in [0, 9, 22] {
      let path = Reference.path(index, leaves[...])
      for byte in 0..<32 {
        for step in path.indices {
          var wrong = path
          wrong[step] = path[step].flipped(byte: byte)
          #expect(refuses(leaves[index], index, wrong, root))
        }
        #expect(refuses(leaves[index].flipped(byte: byte), index, path, root))
        #expect(refuses(leaves[index], index, path, root.flipped(byte: byte)))
      }
      #expect(!refuses(leaves[index], index, path, root))
    }
  }

  private func refuses(_ leaf: Digest, _ index: Int, _ path: [Digest], _ root: Digest) -> Bool {
    let verified: Void? = try? Proof.verifyInclusion(
      leaf: leaf, index: UInt64(index), size: 23, path: path, root: root)
    return verified == nil
  }
}
