import Checkpoints
import Merkle
import Primitives
import SeededRandom
import Signing
import Testing

/// A log whose entries are numbers, and a witness of it.
struct WitnessedLog {
  static let origin = "log.example/1"
  let key: PrivateKey
  let signer: NoteSigner
  let cosigner: Cosigner
  let witness: Witness

  init() throws {
    key = try PrivateKey.generate(.ed25519)
    signer = try NoteSigner(name: Self.origin, key: key)
    cosigner = try Cosigner(name: "witness.example/w1", key: try PrivateKey.generate(.ed25519))
    witness = Witness(cosigner: cosigner, logs: [.init(origin: Self.origin, keys: [signer.verifierKey])])
  }

  /// The leaves of a history: entry 5 and later ones differ from branch to branch.
  static func leaves(_ size: UInt64, branch: String = "a") -> [Digest] {
    (0..<size).map { MerkleTree.leafHash(Array("\($0 < 5 ? "a" : branch)\($0)".utf8)) }
  }

  func note(_ size: UInt64, branch: String = "a", by signer: NoteSigner? = nil) throws -> SignedNote {
    let root = size == 0 ? MerkleTree.emptyRoot : MerkleTree.root(Self.leaves(size, branch: branch))
    let checkpoint = try Checkpoint(origin: (signer ?? self.signer).name, size: size, root: root)
    return try SignedNote(try (signer ?? self.signer).sign(checkpoint))
  }

  func request(_ oldSize: UInt64, _ size: UInt64, branch: String = "a") throws -> WitnessRequest {
    let leaves = Self.leaves(size, branch: branch)
    let proof =
      0 < oldSize && oldSize <= size
      ? try Proof.consistencyPath(first: oldSize, second: size, leaves: leaves) : []
    return try WitnessRequest(oldSize: oldSize, proof: proof, note: try note(size, branch: branch))
  }

  func cosign(_ request: WitnessRequest, after last: Witness.Cosigned?, at seconds: Int64 = 1_000) throws
    -> Witness.Cosigned
  {
    try witness.examine(request)
    return try witness.cosign(request, after: last, at: Instant(microseconds: seconds * 1_000_000))
  }
}

@Suite("A witness cosigns what goes on from what it cosigned, and nothing else")
struct WitnessTests {
  let log: WitnessedLog

  init() throws { log = try WitnessedLog() }

  @Test func itCosignsAGrowingLog() throws {
    let policy = try Policy(logs: [log.signer.verifierKey])
      .adding([.init(name: "w1", key: log.cosigner.verifierKey)], required: 1)
    var last: Witness.Cosigned?
    for size in [1, 2, 5, 8, 8, 9, 100] as [UInt64] {
      last = try log.cosign(try log.request(last?.checkpoint.size ?? 0, size), after: last)
      let verified = try policy.verify(try #require(last).note)
      #expect(verified.checkpoint.size == size && verified.cosigners.map(\.time.microseconds) == [1_000_000_000])
    }
    let kept = try #require(last)
    #expect(try log.witness.restore(kept.note.description) == kept)
  }

  @Test func anotherHistoryIsRefused() throws {
    let last = try log.cosign(try log.request(0, 7), after: nil)
    for size in [7, 8, 20] as [UInt64] {
      let fork = try log.request(7, size, branch: "b")
      #expect(reason { _ = try log.cosign(fork, after: last) } == "INCONSISTENT_CHECKPOINT", "\(size)")
    }
    let early = try log.cosign(try log.request(0, 5), after: nil)
    #expect(try log.cosign(try log.request(5, 9, branch: "b"), after: early).checkpoint.size == 9)
  }

  @Test func theSizeThatIsRightIsTold() throws {
    let last = try log.cosign(try log.request(0, 7), after: nil)
    for (old, size) in [(0, 7), (0, 9), (6, 9), (8, 9), (5, 5)] as [(UInt64, UInt64)] {
      do {
        _ = try log.cosign(try log.request(old, size), after: last)
        Issue.record("\(old) was taken")
      } catch let failure as Failure {
        #expect(failure.reason == "OLD_SIZE_MISMATCH" && failure.metadata == ["size": "7"])
      }
    }
  }

  @Test func proofsThatAreNotOfThisPlaceAreRefused() throws {
    let last = try log.cosign(try log.request(0, 7), after: nil)
    let right = try log.request(7, 12)
    for proof in [[], Array(right.proof.dropLast()), right.proof + [right.proof[0]], right.proof.reversed()] {
      let wrong = try WitnessRequest(oldSize: 7, proof: proof, note: right.note)
      #expect(reason { _ = try log.cosign(wrong, after: last) } == "INCONSISTENT_CHECKPOINT")
    }
    let first = try WitnessRequest(oldSize: 0, proof: right.proof, note: right.note)
    #expect(reason { _ = try log.cosign(first, after: nil) } == "INCONSISTENT_CHECKPOINT")
  }

  @Test func whoSignedComesBeforeWhatIsSigned() throws {
    let stranger = try NoteSigner(name: WitnessedLog.origin, key: try PrivateKey.generate(.ed25519))
    let other = try NoteSigner(name: "other.example", key: log.key)
    let empty = try WitnessRequest(oldSize: 9, proof: [], note: try log.note(3, by: other))
    #expect(reason { try log.witness.examine(empty) } == "UNKNOWN_ORIGIN")
    let unsigned = try WitnessRequest(oldSize: 9, proof: [], note: try log.note(3, by: stranger))
    #expect(reason { try log.witness.examine(unsigned) } == "LOG_SIGNATURE_MISSING")
    let note = try log.note(3)
    let forged = try SignedNote(
      note.description.replacingOccurrence(of: "\n3\n", with: "\n4\n"))
    let altered = try WitnessRequest(oldSize: 0, proof: [], note: forged)
    #expect(reason { try log.witness.examine(altered) } == "LOG_SIGNATURE_WRONG")
    let shrunk = try WitnessRequest(oldSize: 9, proof: [], note: note)
    #expect(reason { try log.witness.examine(shrunk) } == "OLD_SIZE_TOO_LARGE")
    let joined = try WitnessRequest(
      oldSize: 0, proof: [], note: note.adding(try log.note(3, by: stranger).signatures[0]))
    let cosigned = try log.cosign(joined, after: nil)
    #expect(cosigned.note.signatures.map(\.name) == [WitnessedLog.origin, "witness.example/w1"])
  }

  @Test func aClockThatWentBackSignsNothing() throws {
    let last = try log.cosign(try log.request(0, 3), after: nil, at: 1_000)
    let next = try log.request(3, 4)
    #expect(reason { _ = try log.cosign(next, after: last, at: 999) } == "CLOCK_WENT_BACK")
    #expect(try log.cosign(next, after: last, at: 1_000).checkpoint.size == 4)
  }

  @Test func whatWasKeptIsNotTakenWhenItIsDamaged() throws {
    let kept = try log.cosign(try log.request(0, 3), after: nil).note.description
    for text in ["", "x", String(kept.dropLast()), kept.replacingOccurrence(of: "\n3\n", with: "\n4\n")] {
      #expect(reason { _ = try log.witness.restore(text) } == "WITNESS_STATE_DAMAGED")
    }
    #expect(reason { _ = try log.witness.restore(try log.note(3).description) } == "WITNESS_STATE_DAMAGED")
  }

  /// Whatever comes in whatever order, two of the checkpoints that a witness signed are never of two histories.
  @Test(arguments: [UInt64(1), 2, 3, 4]) func itNeverSignsTwoHistories(_ seed: UInt64) throws {
    print("seed \(seed)")
    var generator = SplitMix64(seed: seed)
    var last: Witness.Cosigned?
    var signed: [Witness.Cosigned] = []
    for _ in 0..<300 {
      let size = UInt64.random(in: 0...24, using: &generator)
      let truth = last?.checkpoint.size ?? 0
      let old = Bool.random(using: &generator) ? truth : UInt64.random(in: 0...size, using: &generator)
      let branch = ["a", "b", "c"].randomElement(using: &generator) ?? "a"
      guard let request = try? log.request(old, size, branch: branch) else { continue }
      guard let next = try? log.cosign(request, after: last) else { continue }
      #expect(next.checkpoint.size >= truth)
      last = next
      signed.append(next)
    }
    #expect(signed.count > 5)
    let largest = try #require(last).checkpoint
    let branches = ["a", "b", "c"].filter {
      MerkleTree.root(WitnessedLog.leaves(largest.size, branch: $0)) == largest.root
    }
    let leaves = WitnessedLog.leaves(24, branch: try #require(branches.first))
    for cosigned in signed where cosigned.checkpoint.size > 0 {
      #expect(cosigned.checkpoint.root == MerkleTree.root(Array(leaves.prefix(Int(cosigned.checkpoint.size)))))
    }
  }
}

extension String {
  /// The text with the first occurrence of `part` replaced.
  func replacingOccurrence(of part: String, with other: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return replacingCharacters(in: range, with: other)
  }

  private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
    var copy = self
    copy.replaceSubrange(range, with: other)
    return copy
  }
}
