import Primitives
import SwiftProtobuf
import Testing
import Wire

@testable import Provenance

@Suite struct PreHashTests {
  private static func text(
    _ reading: PreHash.Reading = .inPlace, _ change: (inout Cairn_V1_Event) -> Void
  ) throws -> String {
    var event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.offsetMinutes = 60
    }
    change(&event)
    let text = String(decoding: try #require(PreHash(of: event, reading: reading)).bytes, as: UTF8.self)
    let start = "eventType=ObjectEventeventTime=1970-01-01T00:00:00.000ZeventTimeZoneOffset=+01:00"
    #expect(text.hasPrefix(start))
    return String(text.dropFirst(start.count))
  }

  private static func property(_ name: String, _ text: String) -> Cairn_V1_Extension {
    .with {
      $0.name = name
      $0.value.text = text
    }
  }

  @Test(arguments: [
    ("1", "1"), ("1.0", "1"), ("-0", "0"), ("-0.0", "0"), ("+5", "5"), ("007", "7"), (".5", "0.5"), ("5.", "5"),
    ("200.50", "200.5"), ("0.3434000", "0.3434"), ("1e3", "1000"), ("1.25E+2", "125"), ("1e-9", "0.000000001"),
    ("-2.50e-1", "-0.25"), ("12345678901234567890.10", "12345678901234567890.1"), ("0e999999999", "0"),
  ]) func decimalsHaveNoNeedlessZeros(written: String, plain: String) {
    #expect(DecimalText.plain(written.utf8.span).map { String(decoding: $0, as: UTF8.self) } == plain)
  }

  @Test(arguments: [
    "", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1,5", "0x10", "1 ", " 1", "1_000", "nan", "inf", "--1",
    "1e1000000000",
    "1e401", "1e-500", String(repeating: "9", count: 401),
  ]) func whatIsNoNumberOrTooLongAOneStaysAsItIs(text: String) { #expect(DecimalText.plain(text.utf8.span) == nil) }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (499, "1970-01-01T00:00:00.000Z"), (500, "1970-01-01T00:00:00.001Z"),
    (142_500, "1970-01-01T00:00:00.143Z"), (999_600, "1970-01-01T00:00:01.000Z"), (-1, "1970-01-01T00:00:00.000Z"),
    (-501, "1969-12-31T23:59:59.999Z"), (250_000, "1970-01-01T00:00:00.250Z"),
    (Instant.latest.microseconds, "9999-12-31T23:59:59.999Z"),
    (Instant.earliest.microseconds, "0001-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z"),
    (.min, "0001-01-01T00:00:00.000Z"), (.min + 500, "0001-01-01T00:00:00.000Z"),
  ]) func timesAreRoundedToMilliseconds(microseconds: Int64, text: String) {
    #expect(MillisecondTime.text(ofMicroseconds: microseconds) == text)
  }

  @Test func whiteSpaceAtTheEndsIsCutOffAndWhatIsEmptyThenIsLeftOut() throws {
    let text = try Self.text {
      $0.bizStep = " shipping"
      $0.disposition = " \u{A0}\t"
      $0.extensions = [Self.property("a:b", "\n x y \u{3000}"), Self.property("a:c", "  ")]
    }
    #expect(text == "action=OBSERVEbizStep=shippinga:b=x ya:c")
  }

  /// Only what identifies most finely, and what is an identifier at all (CBV 2.0, section 8.9, rule 18).
  @Test(arguments: [
    ("https://id.gs1.org/01/09521321000018/22/V1", "https://id.gs1.org/01/09521321000018"),
    ("https://shop.example/01/09521321000018/22/V1/10/L?15=260101", "https://id.gs1.org/01/09521321000018/10/L"),
    ("(01)09521321000018(22)V1(21)S", "https://id.gs1.org/01/09521321000018/21/S"),
    ("(01)09521321000018(22)V1", "https://id.gs1.org/01/09521321000018"),
    ("https://id.gs1.org/8018/513531417835225759/8019/7", "https://id.gs1.org/8018/513531417835225759"),
  ]) func linksNameTheFinestLevelOnly(written: String, hashed: String) throws {
    #expect(try Self.text { $0.epcList.items = [written] } == "epcListepc=\(hashed)action=OBSERVE")
  }

  @Test func namesHaveTheirNamespacesInBraces() throws {
    let text = try Self.text {
      $0.contexts = [
        .with {
          $0.terms.extensions = [
            Self.property("example", "https://ns.example/"), Self.property("colour", "example:paint#hue"),
            Self.property("@vocab", "https://vocabulary.example/"),
          ]
        }
      ]
      $0.extensions = [
        Self.property("example:b", "example:value"), Self.property("colour", "red"), Self.property("size", "1.50"),
        Self.property("https://full.example/x#y", "https://example.com/"), Self.property("cbvmda:lotNumber", "L"),
        Self.property("rdfs:comment", "not hashed"), Self.property("unknown:z", "unknown:z"),
      ]
    }
    #expect(
      text == "action=OBSERVEunknown:z=unknown:z{https://full.example/x#}y=https://example.com/"
        + "{https://ns.example/paint#}hue=red{https://ns.example/}b=https://ns.example/value"
        + "{https://vocabulary.example/}size=1.5{urn:epcglobal:cbv:mda:}lotNumber=L")
  }

  @Test func theTwoReadingsDifferWhereExtensionsStandInsideFields() throws {
    let change: (inout Cairn_V1_Event) -> Void = {
      $0.readPoint.id = "urn:place"
      $0.readPoint.extensions = [Self.property("a:r", "1")]
      $0.sensorElementList.elements = [
        .with {
          $0.metadata.deviceID = "urn:d"
          $0.metadata.extensions = [Self.property("a:m", "2")]
          $0.reports = [
            .with {
              $0.type = "Temperature"
              $0.booleanValue.value = false
              $0.extensions = [Self.property("a:s", "3")]
            }
          ]
          $0.extensions = [Self.property("a:e", "4"), Self.property("type", "epcis:SensorElement")]
        }
      ]
      $0.extensions = [Self.property("a:x", "5")]
    }
    #expect(
      try Self.text(.inPlace, change) == "action=OBSERVEreadPointid=urn:placea:r=1sensorElementListsensorElement"
        + "sensorMetadatadeviceID=urn:da:m=2sensorReporttype=https://gs1.org/voc/TemperaturebooleanValue=falsea:s=3a:e=4"
        + "a:x=5")
    #expect(
      try Self.text(.atTheEnd, change) == "action=OBSERVEreadPointid=urn:placesensorElement"
        + "sensorMetadatadeviceID=urn:dsensorReporttype=https://gs1.org/voc/TemperaturebooleanValue=false"
        + "a:x=5readPointa:r=1sensorElementa:e=4sensorMetadataa:m=2sensorReporta:s=3")
  }

  @Test func listsOfListsAndObjectsAreSortedAtEveryLevel() throws {
    let text = try Self.text {
      $0.extensions = [
        .with {
          $0.name = "a:l"
          $0.value.list.values = [
            .with { $0.number = "2.0" }, .with { $0.boolean = true }, .with { $0.null = .unspecified },
            .with { $0.list.values = [.with { $0.text = "z" }, .with { $0.text = "y" }] },
            .with { $0.object.extensions = [Self.property("a:q", "1"), Self.property("a:p", "2")] },
          ]
        }
      ]
    }
    #expect(text == "action=OBSERVEa:l=2a:l=truea:l=y=za:la:p=2a:q=1")
  }

  /// A record of 64 KiB may ask for a text thousands of times as long.
  @Test func aTextThatBlowsUpIsNotHashed() {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.contexts = [.with { $0.terms.extensions = [Self.property("a", String(repeating: "x", count: 30_000))] }]
      $0.extensions = (0..<5_000).map { _ in Self.property("a:", "a:") }
    }
    #expect(PreHash(of: event) == nil)
    #expect(EventHash(of: event) == nil)
    #expect(EventHash.all(of: event) == [])
  }

  @Test func nestingCostsNoMoreThanItsDepth() {
    var value = Cairn_V1_ExtensionValue.with { $0.text = String(repeating: "x", count: 32_768) }
    for _ in 0..<24 { value = .with { $0.list.values = [.with { $0.list.values = [value] }] } }
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.extensions = [
        .with {
          $0.name = "a:deep"
          $0.value = value
        }
      ]
    }
    #expect((PreHash(of: event)?.bytes.count ?? 0) < 40_000)
  }

  @Test func aClaimIsChecked() throws {
    var event = Events.object
    let hash = try #require(EventHash(of: event))
    event.eventID = hash.description
    #expect(EventHash(of: event) == hash)
    #expect(!EventHash.isFalselyClaimed(by: event))
    event.errorDeclaration.declarationTime = "2026-01-01T00:00:00Z"
    #expect(!EventHash.isFalselyClaimed(by: event))
    event.eventID = hash.description.uppercased().replacing("NI:///SHA", with: "ni:///sha").replacing(
      "?VER", with: "?ver")
    #expect(!EventHash.isFalselyClaimed(by: event))
    for claim in [EventHash(digest: Digest { _ in }).description, "ni:///sha-256;?ver=CBV2.0"] {
      event.eventID = claim
      #expect(EventHash.isFalselyClaimed(by: event))
      _ = try ValidatedEvent(event)
    }
    for other in ["ni:///sha-256;abc?ver=CBV2.1", "ni:///sha-512;abc?ver=CBV2.0", "urn:uuid:1"] {
      event.eventID = other
      #expect(!EventHash.isFalselyClaimed(by: event))
    }
  }

  @Test func anEventOfOneReadingHasOneHash() {
    var event = Events.object
    event.clearSourceList()
    event.clearDestinationList()
    #expect(EventHash.all(of: event).count == 1)
  }

  /// GS1's web vocabulary has moved, and so have hashes that others compute.
  @Test func aClaimWithTheNewAddressOfTheWebVocabularyIsAsGood() throws {
    var event = Events.object
    event.sensorElementList.elements = [
      .with { $0.reports = [.with { ($0.type, $0.value, $0.uom) = ("Temperature", "26", "CEL") }] }
    ]
    let text = try #require(PreHash(of: event, reading: .atTheEnd, webVocabulary: .current))
    #expect(
      String(decoding: text.bytes, as: UTF8.self).contains(
        "sensorElementsensorReporttype=https://ref.gs1.org/voc/Temperaturevalue=26uom=CEL"))
    let all = PreHash.Reading.allCases.flatMap { reading in
      PreHash.WebVocabulary.allCases.map { EventHash(of: event, reading: reading, webVocabulary: $0) }
    }
    let hashes = EventHash.all(of: event)
    #expect(hashes.first == EventHash(of: event) && Set(hashes) == Set(all.compactMap(\.self)) && Set(all).count == 6)
    for hash in hashes {
      event.eventID = hash.description
      _ = try ValidatedEvent(event)
    }
  }

  @Test func aClaimInAnotherReadingIsAsGood() throws {
    var event = Events.object
    event.readPoint.extensions = [Self.property("a:b", "c")]
    let hashes = EventHash.all(of: event)
    #expect(hashes.count == 3 && Set(hashes).count == 3)
    #expect(Set(PreHash.Reading.allCases.map { EventHash(of: event, reading: $0) }) == Set(hashes))
    for hash in hashes {
      event.eventID = hash.description
      _ = try ValidatedEvent(event)
    }
  }
}
