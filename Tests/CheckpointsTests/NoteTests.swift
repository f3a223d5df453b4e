import Checkpoints
import Foundation
import Primitives
import Testing

@Suite("Checkpoints that aics-tlog signs are trusted, and every abuse of them names its step")
struct NoteTests {
  struct Vector: Decodable {
    let policy: String
    let note: String
    let reason: String?
    let facts: [String: String]
  }

  @Test(arguments: Fixtures.names(in: "notes"))
  func vector(_ name: String) throws {
    let vector: Vector = try Fixtures.load("notes/\(name)")
    let policy = try Policy(vector.policy)
    do {
      let verified = try policy.verify(vector.note)
      #expect(vector.reason == nil)
      #expect(verified.checkpoint.origin == vector.facts["origin"])
      #expect("\(verified.checkpoint.size)" == vector.facts["size"])
      #expect("\(verified.checkpoint.root)" == vector.facts["root"])
      #expect(verified.log == policy.logs[0])
      let cosigners = verified.cosigners.map { "\($0.witness.name)@\($0.time.microseconds / 1_000_000)" }
      #expect(cosigners.joined(separator: " ") == vector.facts["cosigners"])
      #expect(verified.note.description == vector.note)
    } catch let failure {
      #expect(failure.reason == vector.reason)
      #expect(failure.metadata.merging(vector.facts) { $1 } == failure.metadata)
    }
  }

  @Test func allVectorsAreThere() { #expect(Fixtures.names(in: "notes").count == 97) }

  @Test func everyByteOfANoteIsGuarded() throws {
    let vector: Vector = try Fixtures.load("notes/accepted-one-witness.json")
    let policy = try Policy(vector.policy)
    let bytes = Array(vector.note.utf8)
    for index in bytes.indices {
      for mask in [1, 0x20, 0x80] as [UInt8] {
        var changed = bytes
        changed[index] ^= mask
        guard let note = String(validating: changed, as: UTF8.self) else { continue }
        #expect(reason { _ = try policy.verify(note) } != nil, "byte \(index) mask \(mask)")
      }
      #expect(reason { _ = try policy.verify(String(decoding: bytes[..<index], as: UTF8.self)) } != nil)
    }
  }

  @Test func limits() {
    let note = "text\n\n— a.example \(Data(count: 68).base64EncodedString())\n"
    #expect(reason { _ = try SignedNote(note) } == nil)
    let padding = String(repeating: "x", count: SignedNote.maxByteCount - note.utf8.count)
    #expect(reason { _ = try SignedNote(padding + note) } == nil)
    #expect(reason { _ = try SignedNote("x" + padding + note) } == "NOTE_TOO_LONG")
  }

  @Test func theTextMayHaveBlankLines() throws {
    let text = "one\n\ntwo\n"
    let note = try SignedNote("\(text)\n— a.example \(Data(count: 68).base64EncodedString())\n")
    #expect(note.text == text)
    #expect(note.signatures.map(\.name) == ["a.example"])
    #expect(note.signatures.map(\.bytes.count) == [64])
  }
}
