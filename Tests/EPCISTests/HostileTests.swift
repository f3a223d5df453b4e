import EPCIS
import Foundation
import Primitives
import SwiftProtobuf
import Testing
import Wire

@Suite struct HostileTests {
  struct Attack: CustomTestStringConvertible, Sendable {
    let file: String
    let reason: String
    let pointer: String
    let line: Int
    let column: Int
    var testDescription: String { file }
  }

  static let attacks: [Attack] = ((try? Fixtures.lines("epcis/hostile/expected.tsv")) ?? []).compactMap {
    let row = $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard row.count == 5, let line = Int(row[3]), let column = Int(row[4]) else { return nil }
    return Attack(file: row[0], reason: row[1], pointer: row[2], line: line, column: column)
  }

  @Test func thereIsAnExpectationForEachFile() throws {
    #expect(
      try Fixtures.names(in: "epcis/hostile", ending: ".json")
        == Self.attacks.map { String($0.file.dropLast(5)) }.sorted())
  }

  @Test(arguments: attacks) func isRefusedAtItsPlace(_ attack: Attack) throws {
    let bytes = try Fixtures.bytes("epcis/hostile/\(attack.file)")
    let found = failure {
      let document = try EPCISReader.open(bytes)
      let reading = document.readAll()
      #expect(reading.failures.count == 1)
      #expect(reading.events.count == document.count - 1)
      if let failure = reading.failures.first { throw failure }
    }
    #expect(found?.reason == attack.reason)
    #expect(found?.metadata["pointer"] == attack.pointer)
    #expect(found?.kind == (attack.reason.contains("_TOO_") && attack.line > 0 ? .exhausted : .malformed))
    if attack.line > 0 {
      #expect(found?.metadata["line"] == "\(attack.line)")
      #expect(found?.metadata["column"] == "\(attack.column)")
    }
  }

  /// Every value of the standard's own fields, replaced by values of other types.
  @Test func everyFieldRefusesOtherTypes() throws {
    let bytes = try Fixtures.bytes("epcis/documents/object_event_all_fields.jsonld")
    let root = try JSONParser.parse(bytes)
    let event = try #require(JSONNode(root).member("epcisBody")?.member("eventList")?.elements().first)
    var places: [JSONNode] = []
    collect(event, into: &places)
    #expect(places.count > 70)
    for place in places {
      for wrong in wrongValues(for: place) {
        let changed = replacing(root, path: place.pointer, with: wrong)
        let found = failure { try EPCISReader.open(JSONNode(changed)).event(at: 0) }
        #expect(found?.metadata["pointer"] == place.pointer.description)
        #expect(found?.reason == "WRONG_TYPE", "\(place.pointer)")
      }
    }
  }

  private func collect(_ node: JSONNode, into places: inout [JSONNode]) {
    switch node.value {
    case .object(let members):
      for member in members where !member.name.contains(":") && member.name != "ilmd" {
        let child = JSONNode(member.value, at: node.pointer.member(member.name))
        if child.pointer != .member(sensorElement, "type") { places.append(child) }
        collect(child, into: &places)
      }
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        let child = JSONNode(element, at: node.pointer.element(index))
        places.append(child)
        collect(child, into: &places)
      }
    default: break
    }
  }

  private let sensorElement = JSONPointer.root.member("epcisBody").member("eventList").element(0)
    .member("sensorElementList").element(0)

  private func wrongValues(for place: JSONNode) -> [JSONValue] {
    let all: [JSONValue] = [.null, .boolean(true), .number("1"), .text("x"), .array([]), .object([])]
    let mayBeText =
      place.pointer.description.hasSuffix("/certificationInfo") || place.pointer.description.hasSuffix("set")
    return all.filter { $0.kind != place.value.kind && !(mayBeText && $0.kind == "text") }
  }

  private func replacing(_ value: JSONValue, path: JSONPointer, with new: JSONValue) -> JSONValue {
    var steps: [JSONPointer] = []
    var place = path
    while place != .root {
      steps.append(place)
      switch place {
      case .member(let parent, _), .element(let parent, _): place = parent
      case .root: break
      }
    }
    func change(_ value: JSONValue, _ steps: ArraySlice<JSONPointer>) -> JSONValue {
      switch (steps.first, value) {
      case (.member(_, let name)?, .object(let members)):
        .object(members.map { $0.name == name ? .init(name, change($0.value, steps.dropFirst())) : $0 })
      case (.element(_, let index)?, .array(let elements)):
        .array(elements.enumerated().map { $0 == index ? change($1, steps.dropFirst()) : $1 })
      default: new
      }
    }
    return change(value, steps.reversed()[...])
  }

  @Test func failuresAreBounded() throws {
    let list = "[" + repeatElement("{}", count: 1_500).joined(separator: ",") + "]"
    let reading = try EPCISReader.open(Array(list.utf8)).readAll()
    #expect(reading.failures.count == 1_000)
    #expect(reading.failureCount == 1_500)
    #expect(reading.events.isEmpty)
  }

  @Test func theDeepestExtensionPassesStockProtobufDecoders() throws {
    let levels = Extensions.maximumDepth
    let deep = String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels)
    let text = """
      {"type": "ObjectEvent", "eventTime": "2026-01-07T07:00:00Z", "eventTimeZoneOffset": "+01:00",
       "sensorElementList": [{"sensorReport": [{"x:deep": \(deep)}]}]}
      """
    let event = try EPCISReader.open(Array(text.utf8)).event(at: 0).event
    #expect(try EPCISWriter.event(event)["sensorElementList"] == JSONValue.parse(text)["sensorElementList"])
    let record = Cairn_V1_Record.with { $0.provenance.event = event }
    let bytes: [UInt8] = try record.serializedBytes()
    #expect(try Cairn_V1_Record(serializedBytes: bytes) == record)
  }

  @Test func nothingButJSONIsWritten() throws {
    var event = try Fixtures.open("epcis/documents/bare_event.jsonld").event(at: 0).event
    for number in ["1}, {", " 1", "1 ", "\u{FEFF}1", "NaN", "01", "\"1\""] {
      event.quantityList.quantities = [.with { $0.quantity = number }]
      #expect(failure { try EPCISWriter.event(event) }?.reason == "NOT_A_NUMBER", "\(number)")
    }
    event.clearQuantityList()
    event.extensions = [
      .with {
        $0.name = "bizStep"; $0.value.text = "x"
      }
    ]
    #expect(failure { try EPCISWriter.event(event) }?.reason == "DUPLICATE_NAME")
    event.extensions = [.with { $0.name = "x:y" }]
    #expect(failure { try EPCISWriter.event(event) }?.reason == "EXTENSION_WITHOUT_VALUE")
    event.extensions = []
    event.eventTime.microseconds = .max
    #expect(failure { try EPCISWriter.event(event) }?.reason == "INVALID_TIME")
    event.type = .unspecified
    #expect(failure { try EPCISWriter.event(event) }?.reason == "UNKNOWN_EVENT_TYPE")
  }
}
