import Capture
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Testing
import Wire

@Suite struct AudienceTests {
  @Test func membersIsSaidBySilence() throws {
    #expect(try Audience("members") == .members)
    let file = try SourceFile(name: "a.json", bytes: document(["A"]))
    #expect(try Cairn_V1_Record(serializedBytes: file.records[0].bytes).hasVisibility == false)
  }

  @Test func everyRecordOfAFileSaysWhomItIsFor() throws {
    let audience = try Audience("parties=zulu,acme,zulu")
    let file = try SourceFile(name: "a.json", bytes: document(["A", "B"]), audience: audience)
    for record in file.records {
      let visibility = try Cairn_V1_Record(serializedBytes: record.bytes).visibility
      #expect(visibility.audience == .parties)
      #expect(visibility.memberIds == ["acme", "zulu"])
    }
    let open = try SourceFile(name: "a.json", bytes: document(["A"]), audience: try Audience("public"))
    #expect(try Cairn_V1_Record(serializedBytes: open.records[0].bytes).visibility.audience == .public)
  }

  @Test(arguments: [
    "", "Public", "public=acme", "members=", "parties", "parties=", "parties=acme,", "parties=ACME", "parties=a b",
    "partners=acme", "parties=" + (0...100).map { "m\($0)" }.joined(separator: ","),
  ])
  func otherWordsAreRefused(words: String) {
    let failure = #expect(throws: Failure.self) { try Audience(words) }
    #expect(failure?.reason == "UNKNOWN_VISIBILITY")
  }
}
