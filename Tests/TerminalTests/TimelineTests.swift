import EPCIS
import FoundationEssentials
import Primitives
import Terminal
import Testing
import Wire

@Suite struct TimelineTests {
  @Test func anEventReadsLikeThis() throws {
    let event = try recorded(
      """
      {"type": "AggregationEvent", "eventTime": "2026-03-01T09:30:00+02:00", "eventTimeZoneOffset": "+02:00",
       "action": "ADD", "bizStep": "https://ref.gs1.org/cbv/BizStep-packing", "disposition": "cbv:Disp-in_progress",
       "parentID": "urn:epc:id:sscc:0614141.1234567890",
       "childEPCs": ["urn:epc:id:sgtin:0614141.107346.1", "urn:epc:id:sgtin:0614141.107346.2",
                     "urn:epc:id:sgtin:0614141.107346.3", "urn:epc:id:sgtin:0614141.107346.4"],
       "childQuantityList": [{"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*", "quantity": 20.5, "uom": "KGM"}],
       "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"}, "bizLocation": {"id": "urn:epc:id:sgln:0614141.00888.0"},
       "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:152"}],
       "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4023333.00000"}],
       "sensorElementList": [{"sensorReport": [
         {"type": "Temperature", "value": 3.20, "uom": "CEL"},
         {"type": "gs1:RelativeHumidity", "minValue": 40, "maxValue": 52, "meanValue": 47.5, "uom": "A93"}]}]}
      """)
    let item = "https://id.gs1.org/01/10614141073464/21/4"
    #expect(
      Timeline(of: item, style: .plain, width: nil).lines(event, isLast: false) == [
        "● 2026-03-01 09:30:00 +02:00  packing → in_progress",
        "│ event     aggregation event, ADD",
        "│ read at   urn:epc:id:sgln:0614141.00777.0",
        "│ location  urn:epc:id:sgln:0614141.00888.0",
        "│ parent    urn:epc:id:sscc:0614141.1234567890",
        "│ children  urn:epc:id:sgtin:0614141.107346.4, urn:epc:id:sgtin:0614141.107346.1, "
          + "urn:epc:id:sgtin:0614141.107346.2 and 2 more",
        "│ from      urn:epc:id:pgln:4023333.00000 (owning_party)",
        "│ document  po urn:epcglobal:cbv:bt:0614141073467:152",
        "│ sensor    Temperature 3.20 CEL · RelativeHumidity 40…52 mean 47.5 A93",
        "│ signed by acme, key 0101010101010101",
        "│ recorded  2026-03-01 07:31:02.5 UTC, position 12.3",
        "│ record    \(String(repeating: "02", count: 32))",
        "│",
      ])
  }

  @Test func aTransformationWithoutABusinessStepIsNamedByItsKind() throws {
    let event = try recorded(
      """
      {"type": "TransformationEvent", "eventTime": "2026-03-01T00:10:00Z", "eventTimeZoneOffset": "-05:00",
       "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.011111.4444", "quantity": 10, "uom": "KGM"}],
       "outputEPCList": ["urn:epc:id:sgtin:4012345.077889.25"]}
      """)
    let lines = Timeline(of: nil, style: .plain, width: nil).lines(event, isLast: true)
    #expect(lines.first == "● 2026-02-28 19:10:00 -05:00  transformation event")
    #expect(lines.contains("│ inputs    10 KGM × urn:epc:class:lgtin:4012345.011111.4444"))
    #expect(lines.last?.hasPrefix("│ record") == true)
  }

  @Test func aDeclarationOfErrorIsNotTakenForTheEvent() throws {
    let event = try recorded(
      """
      {"type": "ObjectEvent", "eventTime": "2026-03-01T09:30:00Z", "eventTimeZoneOffset": "+00:00", "action": "OBSERVE",
       "eventID": "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8", "bizStep": "shipping", "disposition": "in_transit",
       "epcList": ["urn:epc:id:sgtin:0614141.107346.1"],
       "errorDeclaration": {"declarationTime": "2026-03-02T08:00:00Z", "reason": "incorrect_data",
                            "correctiveEventIDs": ["urn:uuid:1", "urn:uuid:2"]}}
      """)
    let lines = Timeline(of: nil, style: .plain, width: nil).lines(event, isLast: true)
    #expect(lines.first == "● 2026-03-01 09:30:00 +00:00  error declared: shipping → in_transit")
    #expect(
      lines.contains("│ declares  an error: 2026-03-02T08:00:00Z, incorrect_data; corrected by urn:uuid:1, urn:uuid:2"))
    #expect(lines.contains("│ event id  urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"))
  }

  @Test func nothingInAnEventReachesTheTerminalRaw() {
    var event = Cairn_V1_RecordedEvent()
    event.memberID = "acme\u{1B}[2J"
    event.recordID = Data([1])
    event.event.eventTime.microseconds = .max
    event.event.eventTime.offsetMinutes = .min
    event.event.bizStep = "\u{1B}]0;owned\u{07}"
    event.event.disposition = "line\nfeed"
    event.event.readPoint.id = "\u{202E}place"
    event.event.epcList.items = ["\r● 2026-01-01 forged"]
    for width in [nil, 1, 20, 80] {
      for line in Timeline(of: "x", style: .plain, width: width).lines(event, isLast: true) {
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x202E })
      }
    }
  }

  @Test(arguments: [40, 60, 80]) func linesFitTheTerminal(width: Int) throws {
    let event = try recorded(
      """
      {"type": "ObjectEvent", "eventTime": "2026-03-01T09:30:00+02:00", "eventTimeZoneOffset": "+02:00",
       "action": "OBSERVE", "bizStep": "https://example.com/a/business/step/with/a/very/long/name/that/goes/on/and/on",
       "epcList": ["urn:epc:id:sgtin:0614141.107346.1", "urn:epc:id:sgtin:0614141.107346.2"]}
      """)
    for line in Timeline(of: nil, style: .plain, width: width).lines(event, isLast: true)
    where !line.hasPrefix("│ record  ") { #expect(line.displayWidth <= width) }
  }

  @Test func jsonHoldsTheEventAsItWasWritten() throws {
    let event = try recorded(
      """
      {"type": "ObjectEvent", "eventTime": "2026-03-01T09:30:00.100+02:00", "eventTimeZoneOffset": "+02:00",
       "action": "OBSERVE", "epcList": [], "example:weight": 2.50}
      """)
    let json = try event.json
    #expect(json["position"] == .number("12"))
    #expect(json["recordId"] == .text(String(repeating: "02", count: 32)))
    #expect(json["event"]?["eventTime"] == .text("2026-03-01T09:30:00.100+02:00"))
    #expect(json["event"]?["example:weight"] == .number("2.50"))
  }

  /// An event as a server gives it.
  private func recorded(_ text: String) throws -> Cairn_V1_RecordedEvent {
    var recorded = Cairn_V1_RecordedEvent()
    recorded.event = try EPCISReader.open(Array(text.utf8)).event(at: 0).event
    recorded.recordID = Data(repeating: 2, count: 32)
    recorded.authorKeyID = Data(repeating: 1, count: 32)
    recorded.memberID = "acme"
    recorded.position = 12
    recorded.recordIndex = 3
    recorded.ledgerTimeMicroseconds = 1_772_350_262_500_000
    return recorded
  }
}
