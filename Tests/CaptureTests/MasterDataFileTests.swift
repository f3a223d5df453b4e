import Capture
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Testing
import Wire

@Suite struct MasterDataFileTests {
  private static let document = """
    {"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "EPCISDocument",
     "epcisHeader": {"epcisMasterData": {"vocabularyList": [
       {"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": [
         {"id": "urn:epc:id:sgln:9521321.00010.0", "children": ["urn:epc:id:sgln:9521321.00010.DOCK-1"], "attributes": [
           {"id": "urn:epcglobal:cbv:mda#name", "attribute": [{"@value": "Mill", "@language": "en"},
                                                              {"@value": "Lagar", "@language": "pt"}]},
           {"id": "cbvmda:streetAddressTwo", "attribute": "Portão 2"},
           {"id": "cbvmda:streetAddressOne", "attribute": "Estrada da Serra 12"},
           {"id": "cbvmda:streetAddressThree", "attribute": ""},
           {"id": "urn:epcglobal:cbv:mda:city", "attribute": "Beja"}, {"id": "cbvmda:countryCode", "attribute": "PT"},
           {"id": "cbvmda:latitude", "attribute": "+38.0150704"}, {"id": "cbvmda:longitude", "attribute": -7.86323049},
           {"id": "cairn:gln", "attribute": "9521321000100"},
           {"id": "cairn:validFrom", "attribute": "2025-11-01T00:00:00Z"},
           {"id": "cairn:image", "attribute": {"mediaType": "image/png", "sha256": "\(String(repeating: "ab", count: 32))"}},
           {"id": "https://serra-alta.example/ns/altitude", "attribute": {"value": 277.50, "unit": "m"}}]},
         {"id": "urn:epc:id:sgln:9521321.00010.DOCK-1", "attributes": [{"id": "cbvmda:name", "attribute": "Dock 1"}]}]},
       {"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [
         {"id": "urn:epc:idpat:sgtin:9521321.000001.*", "attributes": [
           {"id": "cbvmda:functionalName", "attribute": "oil"}, {"id": "cbvmda:descriptionShort", "attribute": "Olive oil"}]}]},
       {"type": "urn:epcglobal:epcis:vtype:BusinessTransaction", "vocabularyElementList": []}]}},
     "epcisBody": {"eventList": []}}
    """

  private func descriptions(_ text: String, validFrom: Instant? = nil) throws -> [Cairn_V1_MasterData] {
    let file = try SourceFile(masterDataIn: "data", bytes: Array(text.utf8), validFrom: validFrom)
    #expect(file.problems.map(\.description) == [])
    return try file.records.map { try Cairn_V1_Record(serializedBytes: $0.bytes).provenance.masterData }
  }

  @Test func theStandardsVocabulariesAreRead() throws {
    let later = Instant(microseconds: 1_800_000_000_000_000)
    let all = try descriptions(Self.document, validFrom: later)
    #expect(all.map(\.kind) == [.place, .place, .product])
    let (mill, dock, oil) = (all[0], all[1], all[2])
    #expect(mill.names.map(\.text) == ["Mill", "Lagar"])
    #expect(mill.names.map(\.language) == ["en", "pt"])
    #expect(mill.address.street == ["Estrada da Serra 12", "Portão 2"])
    #expect([mill.address.city, mill.address.country] == ["Beja", "PT"])
    #expect([mill.location.latitude, mill.location.longitude] == ["38.01507", "-7.86323"])
    #expect(mill.gln == "9521321000100")
    #expect(mill.images.map(\.sha256) == [Data(repeating: 0xAB, count: 32)])
    #expect(mill.validFromMicroseconds == 1_761_955_200_000_000)
    #expect(mill.attributes.map(\.name) == ["https://serra-alta.example/ns/altitude"])
    #expect(mill.attributes[0].value.object.extensions[0].value.number == "277.50")
    #expect(dock.parent == "urn:epc:id:sgln:9521321.00010.0")
    #expect(dock.validFromMicroseconds == later.microseconds)
    #expect(oil.names.map(\.text) == ["Olive oil"])
    #expect(oil.attributes.map(\.name) == ["cbvmda:functionalName", "cbvmda:descriptionShort"])
  }

  @Test func tablesAreRead() throws {
    let all = try descriptions(
      """
      subject,kind,name,language,street,city,country,latitude,longitude,valid_from,cbvmda:netContentDescription
      (414)9521321000100,place,"Mill, Beja",en,Estrada 12,Beja,PT,38.0150699,-7.86323,2025-11-01,
      (01)09521321000018,Product,Olive oil,,,,,,,,500 ml
      """)
    #expect(all.map(\.names[0].text) == ["Mill, Beja", "Olive oil"])
    #expect(all[0].address.street == ["Estrada 12"])
    #expect(all[0].location.latitude == "38.01507")
    #expect(all[0].validFromMicroseconds == 1_761_955_200_000_000)
    #expect(!all[1].hasAddress && !all[1].hasLocation)
    #expect(all[1].attributes.map(\.value.text) == ["500 ml"])
  }

  @Test(arguments: [
    ("subject,kind\nx,place\n", "MISSING_COLUMN"), ("subject,kind,name,colour\n", "UNKNOWN_COLUMN"),
    ("subject,kind,name\nx,place\n", "WRONG_COLUMNS"), ("subject,kind,name,name\n", "DUPLICATE_COLUMN"),
    ("<xml/>", "XML_NOT_READ"), ("{}", "NO_MASTER_DATA"), ("{", "JSON_TRUNCATED"), ("", "MISSING_COLUMN"),
    (#"{"vocabularyList": [{"vocabularyElementList": []}]}"#, "FIELD_REQUIRED"),
  ])
  func aFileThatCannotBeReadSaysWhy(text: String, reason: String) {
    let failure = #expect(throws: Failure.self) { try SourceFile(masterDataIn: "data", bytes: Array(text.utf8)) }
    #expect(failure?.reason == reason)
  }

  @Test(arguments: [
    (
      "subject,kind,name\n(414)9521321000101,place,Mill\n",
      "data: line 2: INVALID_CHECK_DIGIT: subject: (414) check digit is 1, computed 0"
    ), ("subject,kind,name\nurn:uuid:x,thing,Mill\n", "data: line 2: UNKNOWN_KIND: kind: 'thing' is none of place"),
    (
      #"{"vocabularyList": [{"type": "Party", "vocabularyElementList": [{"id": "urn:uuid:x", "attributes": []}]}]}"#,
      "data: /vocabularyList/0/vocabularyElementList/0: MISSING_FIELD: names: is missing"
    ),
    (
      #"{"vocabularyList": [{"type": "Party", "vocabularyElementList": [{"id": "urn:uuid:x", "name": "x"}]}]}"#,
      "data: /vocabularyList/0/vocabularyElementList/0/name: UNKNOWN_FIELD: "
    ),
  ])
  func aBadDescriptionIsNamedByItsPlace(text: String, said: String) throws {
    let file = try SourceFile(masterDataIn: "data", bytes: Array(text.utf8))
    #expect(file.records.isEmpty)
    #expect(file.problems.first.map { "\($0)".hasPrefix(said) } == true, "\(file.problems)")
  }

  @Test func theSameFileFromAnotherTimeOnIsAnother() throws {
    let bytes = Array("subject,kind,name\nurn:uuid:x,place,x\n".utf8)
    let one = try SourceFile(masterDataIn: "data", bytes: bytes)
    #expect(try SourceFile(masterDataIn: "other name", bytes: bytes).digest == one.digest)
    let other = try SourceFile(masterDataIn: "data", bytes: bytes, validFrom: Instant(microseconds: 1))
    #expect(other.digest != one.digest)
  }
}
