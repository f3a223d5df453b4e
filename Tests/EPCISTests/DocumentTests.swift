import EPCIS
import Foundation
import Primitives
import SwiftProtobuf
import Testing
import Wire

@Suite struct DocumentTests {
  static let documents = (try? Fixtures.names(in: "epcis/documents", ending: ".jsonld")) ?? []

  @Test func thereAreDocuments() { #expect(Self.documents.count >= 17) }

  @Test(arguments: documents) func everyEventComesBackAsPythonReadIt(_ name: String) throws {
    let reading = try Fixtures.open("epcis/documents/\(name).jsonld").readAll()
    #expect(reading.failures == [])
    let written = try reading.events.map { read in
      let json = try EPCISWriter.event(read.event)
      var contexts = json["@context"] ?? .array([])
      if case .array = contexts {} else { contexts = .array([contexts]) }
      let normal = json.replacing("@context", with: contexts).sorted
      return String(decoding: JSONWriter.compact(normal), as: UTF8.self)
    }
    #expect(try written == Fixtures.lines("epcis/documents/canonical/\(name).txt"))
  }

  @Test(arguments: documents) func whatWasWrittenReadsTheSame(_ name: String) throws {
    let events = try Fixtures.open("epcis/documents/\(name).jsonld").readAll().events.map(\.event)
    for event in events {
      let again = try EPCISReader.open(JSONWriter.compact(EPCISWriter.event(event))).event(at: 0).event
      #expect(again == event)
    }
    let document = try EPCISWriter.document(events, createdAt: Instant(microseconds: 1_772_000_000_250_000))
    for bytes in [JSONWriter.compact(document), JSONWriter.pretty(document)] {
      let reading = try EPCISReader.open(bytes).readAll()
      #expect(reading.failures == [])
      #expect(reading.events.map(\.event) == events)
    }
    #expect(document["creationDate"] == .text("2026-02-25T06:13:20.250Z"))
  }

  @Test(arguments: documents) func messagesSurviveTheWire(_ name: String) throws {
    for read in try Fixtures.open("epcis/documents/\(name).jsonld").readAll().events {
      let bytes: [UInt8] = try read.event.serializedBytes()
      #expect(try Cairn_V1_Event(serializedBytes: bytes) == read.event)
    }
  }

  @Test func shapesAreRecognised() throws {
    #expect(try Fixtures.open("epcis/documents/bare_event.jsonld").kind == .event)
    #expect(try Fixtures.open("epcis/documents/bare_list.jsonld").kind == .list)
    #expect(try Fixtures.open("epcis/documents/query_document.jsonld").kind == .queryDocument)
    #expect(try Fixtures.open("epcis/documents/older_spellings.jsonld").kind == .document)
    #expect(try Fixtures.open("epcis/documents/bare_event.jsonld").pointer(at: 0) == "")
    #expect(try Fixtures.open("epcis/documents/bare_list.jsonld").pointer(at: 1) == "/1")
    let query = try Fixtures.open("epcis/documents/query_document.jsonld")
    #expect(query.pointer(at: 0) == "/epcisBody/queryResults/resultsBody/eventList/0")
  }

  @Test func whatIsNotRecordedIsSaid() throws {
    let warnings = try Fixtures.open("epcis/documents/document_fields.jsonld").warnings
    #expect(
      warnings.map { "\($0.reason) \($0.pointer)" } == [
        "DOCUMENT_FIELD_NOT_RECORDED /id", "DOCUMENT_FIELD_NOT_RECORDED /creationDate",
        "DOCUMENT_FIELD_NOT_RECORDED /instanceIdentifier", "DOCUMENT_FIELD_NOT_RECORDED /sender",
        "DOCUMENT_FIELD_NOT_RECORDED /receiver", "DOCUMENT_FIELD_NOT_RECORDED /x:batch",
        "DOCUMENT_FIELD_NOT_RECORDED /epcisHeader/x:seen", "MASTER_DATA_NOT_RECORDED /epcisHeader/epcisMasterData",
        "DOCUMENT_FIELD_NOT_RECORDED /epcisBody/x:body",
      ])
  }

  @Test func aTermOfAForeignContextIsKeptWithAWarning() throws {
    let read = try Fixtures.open("epcis/documents/context_by_foreign_url.jsonld").event(at: 0)
    #expect(read.event.extensions.map(\.name) == ["harvester"])
    #expect(read.warnings.map { "\($0.reason) \($0.pointer)" } == ["TERM_NOT_CHECKED /harvester"])
    #expect(read.warnings.first?.message.contains("https://farm.example/context.jsonld") == true)
  }

  @Test func emptyIsNotAbsent() throws {
    let document = try Fixtures.open("epcis/documents/empty_and_absent.jsonld")
    let empty = try document.event(at: 0).event
    #expect(empty.hasEpcList && empty.hasQuantityList && empty.hasSensorElementList && empty.hasIlmd)
    #expect(empty.hasCertificationInfo && empty.hasPersistentDisposition && empty.hasSourceList)
    let absent = try document.event(at: 1).event
    #expect(!absent.hasEpcList && !absent.hasQuantityList && !absent.hasSensorElementList && !absent.hasIlmd)
    #expect(!absent.hasCertificationInfo && !absent.hasPersistentDisposition && !absent.hasSourceList)
  }

  @Test func timesArePointsAndTexts() throws {
    let all = try Fixtures.open("epcis/documents/object_event_all_fields.jsonld").event(at: 0).event.eventTime
    #expect(all.microseconds == 1_772_353_800_123_456)
    #expect(all.offsetMinutes == 60)
    #expect(all.text == "2026-03-01T09:30:00.123456789+01:00")
    #expect(all.offsetText == "+01:00")
    let early = try Fixtures.open("epcis/documents/bare_event.jsonld").event(at: 0).event.eventTime
    #expect(early.microseconds == -1)
  }

  @Test func anEventWithoutTimeTextIsWrittenWithOne() throws {
    var event = try Fixtures.open("epcis/documents/bare_event.jsonld").event(at: 0).event
    event.eventTime.microseconds = 1_772_353_800_120_000
    event.eventTime.offsetMinutes = -210
    event.eventTime.text = ""
    event.eventTime.offsetText = ""
    let json = try EPCISWriter.event(event)
    #expect(json["eventTime"] == .text("2026-03-01T08:30:00.120Z"))
    #expect(json["eventTimeZoneOffset"] == .text("-03:30"))
  }

  @Test func commonContextsStandInTheDocument() throws {
    let events = try Fixtures.open("epcis/documents/contexts_of_event.jsonld").readAll().events.map(\.event)
    let document = try EPCISWriter.document(events, createdAt: Instant(microseconds: 0))
    #expect(document["@context"] == .text("https://ref.gs1.org/standards/epcis/epcis-context.jsonld"))
    guard case .array(let written)? = document["epcisBody"]?["eventList"] else {
      Issue.record("no event list")
      return
    }
    #expect(try written.first?["@context"] == .parse(#"{"x": "https://one.example/"}"#))
    #expect(written.last?["@context"] == nil)
  }

  @Test func aDocumentWithoutEventsIsValid() throws {
    let document = try EPCISWriter.document([], createdAt: Instant(microseconds: 0))
    #expect(try EPCISReader.open(JSONWriter.compact(document)).count == 0)
  }
}
