import Foundation
import Primitives
import Provenance
import SwiftProtobuf
import Testing
import Wire

@Suite struct MasterDataTests {
  @Test func aDescriptionWithEveryFieldIsTaken() throws {
    let data = try ValidatedMasterData(Descriptions.site)
    #expect(data.subject == "https://id.gs1.org/414/9521321000100")
    #expect(data.parent == "https://id.gs1.org/414/9521321000001")
    #expect(data.location?.latitude.value == 38_015_070)
    #expect(data.location?.longitude.value == -7_863_230)
    #expect(data.validFrom == Instant(microseconds: 1_700_000_000_000_000))
    #expect(try ValidatedMasterData(Descriptions.party).subject == "https://id.gs1.org/417/9521321000001")
    #expect(try ValidatedMasterData(Descriptions.product).subject == "https://id.gs1.org/01/09521321000018")
    #expect(try ValidatedMasterData(Descriptions.product).validFrom == nil)
  }

  @Test(arguments: DescriptionRefusal.all) func whatBreaksOneRuleIsRefusedByItsName(refusal: DescriptionRefusal) {
    var data = refusal.description
    refusal.apply(&data)
    do throws(Failure) {
      _ = try ValidatedMasterData(data)
      Issue.record("taken")
    } catch {
      #expect(error.kind == .malformed)
      #expect(error.reason == refusal.reason)
      #expect(error.violations.map(\.field) == [refusal.field])
    }
  }

  @Test(arguments: [
    (Cairn_V1_MasterDataKind.place, "urn:epc:id:sgln:9521321.00010.DOCK-1", true),
    (.place, "(414)9521321000100(254)DOCK-1", true), (.place, "geo:38.01,-7.86", true),
    (.place, "urn:epc:id:pgln:9521321.00000", false), (.place, "(01)09521321000018", false),
    (.party, "urn:epc:id:pgln:9521321.00000", true), (.party, "urn:epc:id:sgln:9521321.00010.0", true),
    (.party, "https://serra-alta.example/", true), (.party, "(01)09521321000018", false),
    (.product, "(01)09521321000018", true), (.product, "(01)09521321000018(10)L1", true),
    (.product, "urn:epc:idpat:sgtin:9521321.000001.*", true), (.product, "(01)09521321000018(21)B1", false),
    (.product, "urn:epc:id:sscc:9521321.1000000001", false), (.product, "urn:epc:id:giai:4012345.TLOG88", false),
    (.product, "urn:epc:id:grai:4012345.00001.TR4411", false), (.product, "urn:uuid:1", true),
  ])
  func eachKindHasItsOwnIdentifiers(kind: Cairn_V1_MasterDataKind, subject: String, isTaken: Bool) {
    let data = Cairn_V1_MasterData.with {
      $0.kind = kind
      $0.subject = subject
      $0.names = [.with { $0.text = "x" }]
    }
    #expect(((try? ValidatedMasterData(data)) != nil) == isTaken)
  }

  @Test(arguments: [
    ("(01)09521321000018(21)B1", ["https://id.gs1.org/01/09521321000018"]),
    (
      "https://id.alpenkost.example/01/09521321000018/10/L%2F1",
      ["https://id.gs1.org/01/09521321000018/10/L%2F1", "https://id.gs1.org/01/09521321000018"]
    ),
    ("urn:epc:idpat:sgtin:9521321.000001.*", ["https://id.gs1.org/01/09521321000018"]),
    (
      "urn:epc:id:sgln:9521321.00010.DOCK-1",
      ["https://id.gs1.org/414/9521321000100/254/DOCK-1", "https://id.gs1.org/414/9521321000100"]
    ),
    ("urn:epc:id:sgln:9521321.00010.0", ["https://id.gs1.org/414/9521321000100"]),
    ("urn:epc:id:grai:4012345.00001.TR4411", ["https://id.gs1.org/8003/04012345000016"]),
    ("urn:epc:id:sscc:9521321.1000000001", []), ("urn:epc:id:giai:4012345.TLOG88", []),
    ("urn:uuid:1", ["urn:uuid:1"]),
  ])
  func whatDescribesAThing(text: String, subjects: [String]) throws {
    #expect(try Identifier(text).subjects == subjects)
  }
}

/// Descriptions that are right.
enum Descriptions {
  static var site: Cairn_V1_MasterData {
    .with {
      $0.subject = "urn:epc:id:sgln:9521321.00010.0"
      $0.kind = .place
      $0.names = [text("Serra Alta mill", "en"), text("Lagar da Serra Alta", "pt-PT"), text("SAM")]
      $0.address.street = ["Estrada da Serra 12", "Portão 2"]
      $0.address.city = "Beja"
      $0.address.region = "Beja"
      $0.address.postalCode = "7800-651"
      $0.address.country = "PT"
      $0.location.latitude = "38.01507"
      $0.location.longitude = "-7.86323"
      $0.gln = "9521321000100"
      $0.parent = "(414)9521321000001"
      $0.attributes = [Events.text("cbvmda:contact", "dock@serra-alta.example")]
      $0.images = [image]
      $0.validFromMicroseconds = 1_700_000_000_000_000
    }
  }

  static var party: Cairn_V1_MasterData {
    .with {
      $0.subject = "urn:epc:id:pgln:9521321.00000"
      $0.kind = .party
      $0.names = [text("Serra Alta Azeites Lda")]
    }
  }

  static var product: Cairn_V1_MasterData {
    .with {
      $0.subject = "(01)09521321000018"
      $0.kind = .product
      $0.names = [text("Olive oil, 500 ml")]
    }
  }

  static var withdrawal: Cairn_V1_MasterData {
    .with {
      $0.subject = product.subject
      $0.kind = .product
      $0.withdrawn = true
    }
  }

  static var image: Cairn_V1_Image {
    .with {
      $0.mediaType = "image/svg+xml"
      $0.sha256 = Data(repeating: 7, count: 32)
      $0.uri = "https://serra-alta.example/label.svg"
    }
  }

  static func text(_ text: String, _ language: String = "") -> Cairn_V1_LanguageText {
    .with {
      $0.text = text
      $0.language = language
    }
  }
}

/// A change that breaks one rule, with the reason and the field that must be named.
struct DescriptionRefusal: Sendable, CustomTestStringConvertible {
  let reason: String
  let field: String
  let description: Cairn_V1_MasterData
  let apply: @Sendable (inout Cairn_V1_MasterData) -> Void

  var testDescription: String { "\(reason) \(field)" }

  init(
    _ reason: String, _ field: String, _ description: Cairn_V1_MasterData = Descriptions.site,
    _ apply: @escaping @Sendable (inout Cairn_V1_MasterData) -> Void
  ) {
    self.reason = reason
    self.field = field
    self.description = description
    self.apply = apply
  }

  static let all: [DescriptionRefusal] = names + places + rest

  private static let names = [
    DescriptionRefusal("UNKNOWN_KIND", "kind") { $0.kind = .unspecified },
    DescriptionRefusal("UNKNOWN_KIND", "kind") { $0.kind = .UNRECOGNIZED(9) },
    DescriptionRefusal("EMPTY_IDENTIFIER", "subject") { $0.subject = "" },
    DescriptionRefusal("INVALID_CHECK_DIGIT", "subject") { $0.subject = "(414)9521321000101" },
    DescriptionRefusal("WRONG_IDENTIFIER", "subject") { $0.subject = "(01)09521321000018" },
    DescriptionRefusal("MISSING_FIELD", "names") { $0.names = [] },
    DescriptionRefusal("MISSING_FIELD", "names[1].text") { $0.names[1].text = "" },
    DescriptionRefusal("TEXT_TOO_LONG", "names[0].text") { $0.names[0].text = String(repeating: "é", count: 129) },
    DescriptionRefusal("INVALID_CHARACTER", "names[0].text") { $0.names[0].text = "two\nlines" },
    DescriptionRefusal("DUPLICATE_LANGUAGE", "names[1].language") { $0.names[1].language = "EN" },
    DescriptionRefusal("DUPLICATE_LANGUAGE", "names[2].language") { $0.names[1].language = "" },
    DescriptionRefusal("INVALID_LANGUAGE", "names[0].language") { $0.names[0].language = "e" },
    DescriptionRefusal("INVALID_LANGUAGE", "names[0].language") { $0.names[0].language = "pt_PT" },
    DescriptionRefusal("INVALID_LANGUAGE", "names[0].language") { $0.names[0].language = "pt-" },
    DescriptionRefusal("INVALID_LANGUAGE", "names[0].language") { $0.names[0].language = "pt-abcdefghi" },
    DescriptionRefusal("LIST_TOO_LONG", "names") {
      $0.names = (0..<33).map { Descriptions.text("x", "aa-\($0)") }
    },
  ]

  private static let places = [
    DescriptionRefusal("MISSING_FIELD", "address") { $0.address = .init() },
    DescriptionRefusal("LIST_TOO_LONG", "address.street") { $0.address.street = ["1", "2", "3", "4"] },
    DescriptionRefusal("TEXT_TOO_LONG", "address.street[1]") {
      $0.address.street[1] = String(repeating: "x", count: 257)
    },
    DescriptionRefusal("INVALID_CHARACTER", "address.city") { $0.address.city = "Be\u{7F}ja" },
    DescriptionRefusal("UNKNOWN_COUNTRY", "address.country") { $0.address.country = "pt" },
    DescriptionRefusal("UNKNOWN_COUNTRY", "address.country") { $0.address.country = "ZZ" },
    DescriptionRefusal("INVALID_COORDINATE", "location.latitude") { $0.location.latitude = "90.000001" },
    DescriptionRefusal("INVALID_COORDINATE", "location.latitude") { $0.location.latitude = "" },
    DescriptionRefusal("INVALID_COORDINATE", "location.latitude") { $0.location.latitude = "38.0150701" },
    DescriptionRefusal("INVALID_COORDINATE", "location.longitude") { $0.location.longitude = "-180.5" },
    DescriptionRefusal("INVALID_COORDINATE", "location.longitude") { $0.location.longitude = "1e1" },
    DescriptionRefusal("MISPLACED_FIELD", "location", Descriptions.product) { $0.location.latitude = "1" },
    DescriptionRefusal("INVALID_GLN", "gln") { $0.gln = "952132100010" },
    DescriptionRefusal("INVALID_GLN", "gln") { $0.gln = "952132100010O" },
    DescriptionRefusal("INVALID_CHECK_DIGIT", "gln") { $0.gln = "9521321000101" },
    DescriptionRefusal("GLN_MISMATCH", "gln") { $0.gln = "9521321000001" },
    DescriptionRefusal("MISPLACED_FIELD", "gln", Descriptions.product) { $0.gln = "9521321000001" },
    DescriptionRefusal("OWN_PARENT", "parent") { $0.parent = "(414)9521321000100" },
    DescriptionRefusal("WRONG_IDENTIFIER", "parent") { $0.parent = "(01)09521321000018" },
  ]

  private static let rest = [
    DescriptionRefusal("INVALID_EXTENSION_NAME", "attributes[0].name") { $0.attributes[0].name = "" },
    DescriptionRefusal("MISSING_FIELD", "attributes[0].value") { $0.attributes[0].clearValue() },
    DescriptionRefusal("LIST_TOO_LONG", "attributes") {
      $0.attributes = Array(repeating: Events.text("a:b", "c"), count: 257)
    },
    DescriptionRefusal("INVALID_MEDIA_TYPE", "images[0].media_type") { $0.images[0].mediaType = "jpeg" },
    DescriptionRefusal("INVALID_MEDIA_TYPE", "images[0].media_type") { $0.images[0].mediaType = "image/jpeg; q=1" },
    DescriptionRefusal("MALFORMED_DIGEST", "images[0].sha256") { $0.images[0].sha256 = Data(count: 31) },
    DescriptionRefusal("NOT_A_URI", "images[0].uri") { $0.images[0].uri = "label.svg" },
    DescriptionRefusal("LIST_TOO_LONG", "images") {
      $0.images = Array(repeating: Descriptions.image, count: 33)
    },
    DescriptionRefusal("TIME_OUT_OF_RANGE", "valid_from_microseconds") { $0.validFromMicroseconds = .max },
    DescriptionRefusal("MISPLACED_FIELD", "names", Descriptions.withdrawal) { $0.names = [Descriptions.text("x")] },
    DescriptionRefusal("MISPLACED_FIELD", "address", Descriptions.withdrawal) { $0.address = .init() },
    DescriptionRefusal("MISPLACED_FIELD", "images", Descriptions.withdrawal) { $0.images = [Descriptions.image] },
    DescriptionRefusal("EMPTY_IDENTIFIER", "subject", Descriptions.withdrawal) { $0.subject = "" },
  ]
}
