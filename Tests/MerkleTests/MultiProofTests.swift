import Merkle
import Primitives
import SeededRandom
import Testing

@Suite("Proofs for many leaves at once")
struct MultiProofTests {
  typealias Leaf = (index: UInt64, hash: Digest)

  /// Some leaves of a tree and the proof for them.
  struct Case {
    var leaves: [Leaf]
    var size: UInt64
    var hashes: [Digest]
    var root: Digest

    init(_ indices: [Int], of all: [Digest]) throws {
      leaves = indices.map { (UInt64($0), all[$0]) }
      size = UInt64(all.count)
      hashes = try MultiProof.hashes(of: leaves.map(\.index), size: size, node: Reference.nodes(of: all))
      root = Reference.root(all[...])
    }

    func verify() throws(Failure) { try MultiProof.verify(leaves: leaves, size: size, hashes: hashes, root: root) }
  }

  @Test("every set of leaves of every small tree", arguments: 1...11)
  func smallTrees(size: Int) throws {
    let all = Fixtures.leaves(size)
    for set in 1..<1 << size {
      let indices = (0..<size).filter { set >> $0 & 1 == 1 }
      let proof = try Case(indices, of: all)
      try proof.verify()
      #expect(proof.hashes == Self.reference(indices, all), "leaves \(indices) of \(size)")
    }
  }

  /// What the single paths hold and the leaves do not give, row by row and from left to right: written without a look at
  /// the room.
  static func reference(_ indices: [Int], _ all: [Digest]) -> [Digest] {
    var found: [Digest] = []
    var (row, known) = (all, Set(indices))
    while row.count > 1 {
      for place in row.indices where !known.contains(place) && known.contains(place ^ 1) { found.append(row[place]) }
      row = stride(from: 0, to: row.count, by: 2).map { Reference.root(row[$0..<min($0 + 2, row.count)]) }
      known = Set(known.map { $0 / 2 })
    }
    return found
  }

  @Test("the proof for one leaf is its path", arguments: 1...40)
  func single(size: Int) throws {
    let all = Fixtures.leaves(size)
    for index in all.indices {
      let proof = try Case([index], of: all)
      #expect(proof.hashes == Reference.path(index, all[...]))
      try Proof.verifyInclusion(
        leaf: all[index], index: UInt64(index), size: proof.size, path: proof.hashes, root: proof.root)
    }
  }

  @Test("random sets of large trees", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func largeTrees(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let size = Int.random(in: 1_000...3_000, using: &random)
    let all = Fixtures.leaves(size)
    for _ in 0..<4 {
      let count = Int.random(in: 1...300, using: &random)
      let indices = Set((0..<count).map { _ in Int.random(in: 0..<size, using: &random) }).sorted()
      let proof = try Case(indices, of: all)
      try proof.verify()
      #expect(proof.hashes == Self.reference(indices, all), "seed \(seed)")
      let paths = try indices.map { try MerkleTree.path(index: $0, leaves: all) }
      #expect(Set(proof.hashes).isSubset(of: paths.joined()), "seed \(seed)")
      try expectRefusals(of: proof, using: &random, "seed \(seed)")
    }
  }

  private func expectRefusals(of proof: Case, using random: inout SplitMix64, _ seed: Comment) throws {
    for _ in 0..<20 {
      var wrong = proof
      let hash = Int.random(in: 0..<proof.hashes.count, using: &random)
      let leaf = Int.random(in: 0..<proof.leaves.count, using: &random)
      let byte = Int.random(in: 0..<32, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: wrong.hashes[hash] = wrong.hashes[hash].flipped(byte: byte)
      case 1: wrong.hashes.remove(at: hash)
      case 2: wrong.hashes.insert(wrong.hashes[hash], at: hash)
      case 3: wrong.leaves[leaf].hash = wrong.leaves[leaf].hash.flipped(byte: byte)
      default: wrong.leaves[leaf].index ^= 1
      }
      #expect(throws: Failure.self, seed) { try wrong.verify() }
    }
  }

  /// What is wrong with the proof for the leaves 2, 3 and 9 of eleven, and the reason that says so.
  static let attacks: [(name: String, reason: String, spoil: @Sendable (inout Case) -> Void)] = [
    ("a tree without leaves", "EMPTY_TREE", { $0.size = 0 }),
    ("about nothing", "NO_LEAVES", { $0.leaves = [] }),
    ("a leaf twice", "INDEX_ORDER", { $0.leaves.insert($0.leaves[1], at: 1) }),
    ("leaves in the wrong order", "INDEX_ORDER", { $0.leaves.swapAt(0, 2) }),
    ("a leaf beyond the end", "INDEX_OUT_OF_RANGE", { $0.leaves[2].index = 11 }),
    ("a leaf far beyond the end", "INDEX_OUT_OF_RANGE", { $0.leaves[2].index = .max }),
    ("no hashes", "PROOF_LENGTH", { $0.hashes = [] }),
    ("the last hash missing", "PROOF_LENGTH", { $0.hashes.removeLast() }),
    ("the first hash missing", "PROOF_LENGTH", { $0.hashes.removeFirst() }),
    ("a hash too many", "PROOF_LENGTH", { $0.hashes.append($0.root) }),
    ("a leaf left out", "PROOF_LENGTH", { $0.leaves.removeLast() }),
    ("hashes in another order", "ROOT_MISMATCH", { $0.hashes.swapAt(0, 1) }),
    (
      "leaves with each other's hashes", "ROOT_MISMATCH",
      { ($0.leaves[0].hash, $0.leaves[1].hash) = ($0.leaves[1].hash, $0.leaves[0].hash) }
    ),
    ("a leaf at its neighbour's place", "ROOT_MISMATCH", { $0.leaves[2].index = 8 }),
    ("another root", "ROOT_MISMATCH", { $0.root = $0.hashes[0] }),
    ("a node passed off as a leaf", "ROOT_MISMATCH", { $0.leaves[2].hash = $0.hashes[0] }),
    ("a larger tree", "PROOF_LENGTH", { $0.size = 17 }),
    ("a smaller tree", "PROOF_LENGTH", { $0.size = 10 }),
    ("the largest tree there is", "PROOF_LENGTH", { $0.size = .max }),
  ]

  @Test(arguments: attacks.indices) func attack(number: Int) throws {
    let attack = Self.attacks[number]
    var proof = try Case([2, 3, 9], of: Fixtures.leaves(11))
    try proof.verify()
    attack.spoil(&proof)
    let failure = #expect(throws: Failure.self, "\(attack.name)") { try proof.verify() }
    #expect(failure?.reason == attack.reason, "\(attack.name)")
  }

  @Test("two proofs hold all that one for both needs", arguments: [11, 12, 13] as [UInt64])
  func union(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<50 {
      let size = UInt64.random(in: 1...400, using: &random)
      let sets = (0..<2).map { _ in
        Set((0..<Int.random(in: 1...9, using: &random)).map { _ in UInt64.random(in: 0..<size, using: &random) })
      }
      let parts = try sets.flatMap { try MultiProof.siblings(of: $0.sorted(), size: size) }
      let whole = try MultiProof.siblings(of: sets[0].union(sets[1]).sorted(), size: size)
      #expect(Set(parts).isSuperset(of: whole), "seed \(seed)")
    }
  }
}
