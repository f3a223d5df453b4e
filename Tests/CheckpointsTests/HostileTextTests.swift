import Checkpoints
import Primitives
import SeededRandom
import Testing

@Suite("Mangled text is refused or read as it says, and nothing crashes")
struct HostileTextTests {

  @Test(arguments: [UInt64(1), 2, 3])
  func whatParsesRendersToItself(_ seed: UInt64) throws {
    print("seed \(seed)")
    var generator = SplitMix64(seed: seed)
    let note: NoteTests.Vector = try Fixtures.load("notes/accepted-two-of-three.json")
    let proof: TransparencyProofTests.Vector = try Fixtures.load("proofs/accepted-extra.json")
    for _ in 0..<300 {
      let text = mangled(note.note, &generator)
      if let parsed = try? SignedNote(text) { #expect(parsed.description.utf8.elementsEqual(text.utf8)) }
      let file = mangled(proof.text, &generator)
      if let parsed = try? TransparencyProof(file) { #expect(parsed.description.utf8.elementsEqual(file.utf8)) }
      if let policy = try? Policy(mangled(note.policy, &generator)) {
        #expect(try Policy(policy.description) == policy)
      }
    }
  }

  /// The text with a few pieces removed, repeated or replaced by what parsers stumble over.
  private func mangled(_ text: String, _ generator: inout SplitMix64) -> String {
    let pieces = ["", "\n", "\n\n", " ", "+", "=", "0", "—", "\u{301}", "\0", "\r\n", "quorum none\n", "AAAA"]
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let start = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, start + Int.random(in: 0...40, using: &generator))
      let piece = pieces.randomElement(using: &generator).map { Array($0.utf8) } ?? []
      bytes.replaceSubrange(
        start..<end, with: Bool.random(using: &generator) ? piece : Array(bytes[start..<end]) + piece)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
