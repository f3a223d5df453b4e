import FoundationEssentials
import EPCIS
import Primitives
import SwiftProtobuf
import Terminal
import Testing
import Wire

@Suite struct MasterDataWordsTests {
  private static let mill = Cairn_V1_MasterData.with {
    $0.subject = "urn:epc:id:sgln:9521321.00010.0"
    $0.kind = .place
    $0.names = [
      .with {
        $0.text = "Serra Alta mill"
        $0.language = "en"
      }, .with { $0.text = "Lagar" },
    ]
    $0.address.street = ["Estrada 12"]
    $0.address.city = "Beja"
    $0.address.postalCode = "7800-651"
    $0.address.country = "PT"
    $0.location.latitude = "38.01507"
    $0.location.longitude = "-7.86323"
    $0.parent = "urn:uuid:estate"
    $0.attributes = [
      .with {
        $0.name = "https://serra-alta.example/ns#altitude"
        $0.value.number = "277.50"
      },
      .with {
        $0.name = "cbvmda:opens"
        $0.value.list.values = [.with { $0.text = "Mon" }, .with { $0.boolean = true }]
      },
    ]
    $0.images = [
      .with {
        $0.mediaType = "image/png"
        $0.sha256 = Data(repeating: 0xAB, count: 32)
        $0.uri = "https://serra-alta.example/mill.png"
      }
    ]
    $0.validFromMicroseconds = 1_761_955_200_000_000
  }

  @Test func aDescriptionReadsLikeThis() {
    let words = MasterDataWords(Self.mill)
    #expect(words.headline == "place: Serra Alta mill, Beja PT")
    #expect(
      words.lines.map { "\($0.label)|\($0.text)" } == [
        "subject|urn:epc:id:sgln:9521321.00010.0", "name|Serra Alta mill (en)", "|Lagar",
        "address|Estrada 12, 7800-651 Beja, PT", "location|38.01507, -7.86323", "part of|urn:uuid:estate",
        "attribute|altitude: 277.50", #"attribute|opens: ["Mon",true]"#,
        "image|image/png, SHA-256 \(String(repeating: "ab", count: 32)) https://serra-alta.example/mill.png",
        "valid from|2025-11-01 00:00:00 UTC",
      ])
    let gone = Cairn_V1_MasterData.with {
      $0.subject = "urn:uuid:x"
      $0.kind = .party
      $0.withdrawn = true
    }
    #expect(MasterDataWords(gone).headline == "party described no longer: urn:uuid:x")
  }

  @Test func jsonHoldsEverything() throws {
    let entry = Cairn_V1_MasterDataEntry.with {
      $0.subject = "https://id.gs1.org/414/9521321000100"
      $0.shown.masterData = Self.mill
      $0.shown.memberID = "mill"
      $0.others = ["zulu"]
    }
    let data = try #require(entry.json["shown"]?["masterData"])
    #expect(data["kind"] == .text("PLACE"))
    #expect(data["address"]?["street"] == .array([.text("Estrada 12")]))
    #expect(data["location"]?["longitude"] == .text("-7.86323"))
    #expect(data["attributes"]?["https://serra-alta.example/ns#altitude"] == .number("277.50"))
    #expect(data["validFrom"] == .text("2025-11-01T00:00:00Z"))
    #expect(entry.json["others"] == .array([.text("zulu")]))
  }

  @Test func nothingInANameReachesTheTerminalRaw() {
    let entry = Cairn_V1_MasterDataEntry.with {
      $0.subject = "urn:uuid:place"
      $0.shown.masterData.kind = .place
      $0.shown.masterData.names = [.with { $0.text = "\u{1B}[2Jnice\n● 2026-01-01 forged\u{202E}" }]
      $0.shown.masterData.location.latitude = "1"
      $0.shown.masterData.location.longitude = "1"
    }
    let names = SubjectNames([entry])
    var journey = Journey(names)
    var event = Cairn_V1_RecordedEvent()
    event.event.readPoint.id = "urn:uuid:place"
    _ = journey.leg(to: event.event)
    let leg = journey.leg(to: .with { $0.readPoint.id = "geo:2,2" })
    #expect(leg != nil)
    for width in [nil, 20, 80] {
      let lines = Timeline(of: nil, names: names, style: .plain, width: width).lines(event, after: leg, isLast: true)
      for line in lines {
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x202E })
      }
    }
  }
}
