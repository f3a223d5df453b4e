import Checkpoints
import Primitives
import Signing
import Testing

@Suite("Policies")
struct PolicyTests {
  struct Vector: Decodable {
    let text: String
    let reason: String?
    let rendered: String?
  }

  @Test(arguments: Fixtures.names(in: "policies"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("policies/\(name)")
    guard vector.reason == nil else {
      #expect(reason { _ = try Policy(vector.text) } == vector.reason)
      return
    }
    let policy = try Policy(vector.text)
    #expect(policy.description == vector.rendered)
    #expect(try Policy(policy.description) == policy)
  }

  @Test func allVectorsAreThere() { #expect(Fixtures.names(in: "policies").count == 51) }

  @Test func aWrongLineIsNamed() throws {
    let failure = #expect(throws: Failure.self) { try Policy("# one\n\nwitness w1\nquorum none\n") }
    #expect(failure?.violations.map(\.field) == ["policy line 3"])
  }

  @Test func limits() throws {
    let witnesses = try (0...Policy.maxEntries).map { index in
      let key = try PrivateKey.generate(.ed25519).publicKey
      return Policy.Witness(name: "w\(index)", key: try VerifierKey(name: "w", kind: .cosignature, publicKey: key))
    }
    let policy = try Policy(logs: [], witnesses: witnesses.dropLast(), quorum: "w0")
    #expect(try Policy(policy.description) == policy)
    #expect(reason { _ = try Policy(logs: [], witnesses: witnesses) } == "MALFORMED_POLICY")
    let long = String(repeating: "#\n", count: Policy.maxByteCount / 2) + "quorum none\n"
    #expect(reason { _ = try Policy(long) } == "MALFORMED_POLICY")
  }

  @Test func namesAreBytes() throws {
    let (composed, decomposed) = ("é", "e\u{301}")
    let keys = try (0..<2).map { _ in
      try VerifierKey(name: "w", kind: .cosignature, publicKey: PrivateKey.generate(.ed25519).publicKey)
    }
    let text =
      "witness \(composed) \(keys[0])\nwitness \(decomposed) \(keys[1])\ngroup g 2 \(composed) \(decomposed)\nquorum g\n"
    let policy = try Policy(text)
    #expect(policy.description.utf8.elementsEqual(text.utf8))
    #expect(reason { _ = try Policy("witness \(composed) \(keys[0])\nquorum \(decomposed)\n") } == "MALFORMED_POLICY")
  }

  @Test func aWitnessThatCosignedTwiceIsListedOnce() throws {
    let log = try NoteSigner(name: "log.example", key: .generate(.ed25519))
    let cosigner = try Cosigner(name: "w.example", key: .generate(.ed25519))
    let witness = Policy.Witness(name: "w", key: cosigner.verifierKey)
    let policy = try Policy(logs: [log.verifierKey], witnesses: [witness], quorum: "w")
    var note = try SignedNote(log.sign(Checkpoint(origin: "log.example", size: 3, root: SHA256.hash([3]))))
    for seconds in [5, 4] as [Int64] {
      let time = Instant(microseconds: seconds * 1_000_000)
      note = note.adding(try Cosignature.make(over: note.text, at: time, by: cosigner))
    }
    #expect(try policy.verify(note).cosigners.map(\.time.microseconds) == [5_000_000])
  }

  /// Every subset of four witnesses against the policy `2 of (w0, w1, 1 of (w2, w3))`.
  @Test func everySubsetOfWitnessesIsJudgedAsTheRuleSays() throws {
    let log = try NoteSigner(name: "log.example", key: .generate(.ed25519))
    let cosigners = try (0..<4).map { try Cosigner(name: "w\($0).example", key: .generate(.ed25519)) }
    let policy = try Policy(
      logs: [log.verifierKey],
      witnesses: cosigners.enumerated().map { Policy.Witness(name: "w\($0)", key: $1.verifierKey) },
      groups: [
        Policy.Group(name: "either", threshold: 1, members: ["w2", "w3"]),
        Policy.Group(name: "most", threshold: 2, members: ["w0", "either", "w1"]),
      ], quorum: "most")
    let checkpoint = try Checkpoint(origin: "log.example", size: 3, root: SHA256.hash([3]))
    for subset in 0..<16 {
      var note = try SignedNote(log.sign(checkpoint))
      for index in 0..<4 where subset >> index & 1 == 1 {
        note = note.adding(try Cosignature.make(over: note.text, at: Instant(microseconds: 0), by: cosigners[index]))
      }
      let present = (subset & 1) + (subset >> 1 & 1) + (subset >> 2 != 0 ? 1 : 0)
      do {
        let verified = try policy.verify(note)
        #expect(present >= 2)
        #expect(verified.cosigners.count == subset.nonzeroBitCount)
      } catch let failure {
        #expect(failure.reason == "QUORUM_NOT_MET")
        #expect(present < 2)
        #expect(failure.metadata == ["quorum": "most", "present": "\(present)", "needed": "2"])
      }
    }
  }
}
