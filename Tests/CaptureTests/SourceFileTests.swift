import Capture
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Testing
import Wire

/// A document of object events with these serial numbers; a bad one has a wrong check digit.
func document(_ serials: [String], bad: Set<Int> = []) -> [UInt8] {
  let events = serials.enumerated().map { index, serial in
    let gtin = bad.contains(index) ? "09506000134353" : "09506000134352"
    return #"{"type": "ObjectEvent", "eventTime": "2026-03-01T08:00:00Z", "eventTimeZoneOffset": "+00:00", "#
      + #""action": "OBSERVE", "epcList": ["https://id.gs1.org/01/\#(gtin)/21/\#(serial)"]}"#
  }
  return Array(
    (#"{"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", "type": "EPCISDocument", "#
      + #""schemaVersion": "2.0", "creationDate": "2026-03-01T09:00:00Z", "epcisBody": {"eventList": ["#
      + events.joined(separator: ",") + "]}}").utf8)
}

@Suite struct SourceFileTests {
  @Test func everyEventBecomesARecordWithASaltOfItsOwn() throws {
    let file = try SourceFile(name: "shipment.json", bytes: document(["A", "A"]))
    #expect(file.eventCount == 2)
    #expect(file.problemCount == 0)
    #expect(file.warnings == [])
    let records = try file.records.map { try Cairn_V1_Record(serializedBytes: $0.bytes) }
    #expect(records[0].provenance == records[1].provenance)
    #expect(records.map(\.salt.count) == [16, 16])
    #expect(records[0].salt != records[1].salt)
  }

  @Test func aBadEventIsNamedByItsPlaceAndHidesNoOther() throws {
    let file = try SourceFile(name: "shipment.json", bytes: document(["A", "B", "C"], bad: [1]))
    #expect(file.records.map(\.eventIndex) == [0, 2])
    let problem = try #require(file.problems.first)
    #expect(problem.place == "/epcisBody/eventList/1/epcList/0")
    #expect(problem.reason == "INVALID_CHECK_DIGIT")
    #expect("\(problem)".hasPrefix("shipment.json: /epcisBody/eventList/1/epcList/0: INVALID_CHECK_DIGIT: "))
  }

  @Test(arguments: [
    ("{\"type\": \"ObjectEvent\",", "broken.json: line 1, column 24: JSON_TRUNCATED: "),
    ("<epcis:EPCISDocument/>", "broken.json: XML_NOT_READ: "),
    ("", "broken.json: line 1, column 1: JSON_TRUNCATED: "),
    ("{}", "broken.json: NOT_EPCIS: "),
  ])
  func aFileThatCannotBeReadSaysWhere(text: String, said: String) throws {
    let failure = try #require(throws: Failure.self) { try SourceFile(name: "broken.json", bytes: Array(text.utf8)) }
    let problem = SourceFile.problem("broken.json", failure)
    #expect("\(problem)".hasPrefix(said), "\(problem)")
  }

  @Test func whatIsNotRecordedIsSpokenOf() throws {
    let text = String(decoding: document(["A"]), as: UTF8.self)
      .replacing(#""epcisBody""#, with: #""sender": "acme", "epcisBody""#)
    let file = try SourceFile(name: "shipment.json", bytes: Array(text.utf8))
    #expect(file.warnings.count == 1)
    #expect(file.warnings.first?.hasPrefix("shipment.json: /sender: DOCUMENT_FIELD_NOT_RECORDED: ") == true)
  }
}
