import EPCIS
import Primitives
import Testing
import Wire

@Suite struct ShipmentTests {
  static let files = (try? Fixtures.names(in: "shipment", ending: ".jsonld")) ?? []

  @Test func theStoryHasAFewHundredEvents() throws {
    #expect(Self.files.count == 9)
    let count = try Self.files.map { try Fixtures.open("shipment/\($0).jsonld").count }.reduce(0, +)
    #expect((300...500).contains(count))
  }

  @Test(arguments: files) func everyFileIsReadAndComesBack(_ file: String) throws {
    let document = try Fixtures.open("shipment/\(file).jsonld")
    let reading = document.readAll()
    #expect(reading.failures == [])
    #expect(reading.warnings.map(\.pointer) == ["/creationDate"])
    let events = reading.events.map(\.event)
    let written = try EPCISWriter.document(events, createdAt: Instant(microseconds: 0))
    #expect(try EPCISReader.open(JSONWriter.compact(written)).readAll().events.map(\.event) == events)
    let original = try JSONParser.parse(Fixtures.bytes("shipment/\(file).jsonld"))
    #expect(written.replacing("creationDate", with: nil).sorted == original.replacing("creationDate", with: nil).sorted)
    let times = events.map(\.eventTime.microseconds)
    #expect(times == times.sorted())
  }

  @Test func aWrongReportIsDeclaredAndPutRight() throws {
    let events = try Fixtures.open("shipment/07-distributor-gate.jsonld").readAll().events.map(\.event)
    let declaration = try #require(events.first { $0.hasErrorDeclaration })
    var wrong = declaration
    wrong.clearErrorDeclaration()
    #expect(events.contains(wrong))
    let corrections = declaration.errorDeclaration.correctiveEventIds.values
    #expect(events.map(\.eventID).filter(corrections.contains) == corrections)
  }
}
