import Checkpoints
import Foundation
import Primitives
import Testing

@Suite("Proof files stand alone")
struct TransparencyProofTests {
  struct Vector: Decodable {
    let text: String
    let reason: String?
    let leaf: String
    let policy: String
    let index: UInt64?
    let path: [String]?
    let extra: String?
    let checkpoint: String?
  }

  @Test(arguments: Fixtures.names(in: "proofs"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("proofs/\(name)")
    let policy = try Policy(vector.policy)
    let leaf = try #require(Digest(hex: vector.leaf))
    guard vector.reason == nil else {
      let found = reason { _ = try TransparencyProof(vector.text).verify(leaf: leaf, policy: policy) }
      #expect(found == vector.reason)
      return
    }
    let proof = try TransparencyProof(vector.text)
    #expect(proof.index == vector.index)
    #expect(proof.path.map { Data($0.bytes).base64EncodedString() } == vector.path)
    #expect(proof.extra.map { Data($0).base64EncodedString() } == vector.extra)
    #expect(proof.checkpoint == vector.checkpoint)
    #expect(proof.description == vector.text)
    let verified = try proof.verify(leaf: leaf, policy: policy)
    #expect(verified.note.description == vector.checkpoint)
  }

  @Test func allVectorsAreThere() { #expect(Fixtures.names(in: "proofs").count == 34) }

  @Test func everyByteOfAProofIsGuarded() throws {
    let vector: Vector = try Fixtures.load("proofs/accepted-plain.json")
    let (policy, leaf) = (try Policy(vector.policy), try #require(Digest(hex: vector.leaf)))
    let bytes = Array(vector.text.utf8)
    for index in bytes.indices {
      for mask in [1, 0x20] as [UInt8] {
        var changed = bytes
        changed[index] ^= mask
        guard let text = String(validating: changed, as: UTF8.self) else { continue }
        let found = reason { _ = try TransparencyProof(text).verify(leaf: leaf, policy: policy) }
        #expect(found != nil, "byte \(index) mask \(mask)")
      }
    }
  }

  @Test func longFilesAreNotRead() {
    let text = "c2sp.org/tlog-proof@v1\nindex 0\n\n" + String(repeating: "x", count: TransparencyProof.maxByteCount)
    #expect(reason { _ = try TransparencyProof(text) } == "MALFORMED_PROOF")
  }
}
