import Primitives
import Provenance
import SwiftProtobuf
import Testing
import Wire

/// What is known, and how often it was asked for.
private struct Known: MasterDataSource {
  var subjects: [String: Cairn_V1_MasterData] = [:]
  private(set) var questions: [String] = []

  mutating func describe(_ subject: String, _ fill: (inout Cairn_V1_MasterData) -> Void = { _ in }) {
    subjects[subject] = .with {
      $0.subject = subject
      $0.kind = .place
      $0.names = [.with { $0.text = "somewhere" }]
      fill(&$0)
    }
  }

  mutating func masterData(of subject: String) -> Cairn_V1_MasterData? {
    questions.append(subject)
    return subjects[subject]
  }
}

/// HASATTR, EQATTR and the WD parameters, which master data decides.
@Suite struct MasterDataFilterTests {
  private static let author = KeyID(Array(repeating: UInt8(7), count: 32))
  private static let hall = "https://id.gs1.org/414/4012345000054"
  private static let gate = hall + "/254/gate"

  private static func event(_ readPoint: String = gate) -> Cairn_V1_Event {
    var event = Events.object
    event.readPoint.id = readPoint
    event.bizLocation.id = "urn:x:nowhere"
    event.quantityList.quantities = [
      .with {
        $0.epcClass = "https://id.gs1.org/01/09521321000018/10/L7"
        $0.quantity = "5"
        $0.uom = "KGM"
      }
    ]
    event.contexts = [.with { $0.terms.extensions = [Events.text("example", "https://ns.example.com/epcis/")] }]
    event.extensions = [
      Events.text("example:yard", "urn:x:yard"), Events.text("example:colour", "red"),
      .with {
        $0.name = "example:ways"
        $0.value.list.values = [
          .with { $0.text = "urn:x:lost" }, .with { $0.object.extensions = [Events.text("@id", "urn:x:yard")] },
        ]
      },
    ]
    return event
  }

  /// A hall in Zürich with a gate of its own name, a product with a lot, a yard and a seller.
  private static let world: Known = {
    var known = Known()
    known.describe(hall) {
      $0.names = [.with { $0.text = "Hall" }, .with { $0.text = "Halle" }]
      $0.address.street = ["Quai 1", "Tor B"]
      $0.address.city = "Zürich"
      $0.address.region = "ZH"
      $0.address.postalCode = "8005"
      $0.address.country = "CH"
      $0.location.latitude = "47.39"
      $0.location.longitude = "8.520"
      $0.parent = "urn:epc:id:sgln:4012345.00006.0"
      $0.attributes = [
        Events.text("urn:epcglobal:cbv:mda#siteType", "warehouse"), Events.number("example:docks", "12"),
        Events.text("https://ns.example.com/epcis/opened", "2001-05-01T00:00:00Z"),
        .with {
          $0.name = "example:unknown"
          $0.value.null = .init()
        },
        .with {
          $0.name = "example:tags"
          $0.value.list.values = [.with { $0.text = "cold" }, .with { $0.text = "dry" }]
        },
      ]
    }
    known.describe(gate) {
      $0.names = [.with { $0.text = "Gate" }]
      $0.validFromMicroseconds = 1_767_225_600_000_000
      $0.images = [.with { $0.sha256 = .init(repeating: 0xAB, count: 32) }]
    }
    known.describe("https://id.gs1.org/01/09521321000018") {
      $0.kind = .product
      $0.names = [.with { $0.text = "Oil" }]
      $0.attributes = [Events.text("cbvmda:netContentDescription", "0.5 l")]
    }
    known.describe("urn:x:yard") { $0.names = [.with { $0.text = "Yard" }] }
    known.describe("https://id.gs1.org/417/4012345002256") {
      $0.kind = .party
      $0.names = [.with { $0.text = "Seller" }]
      $0.gln = ""
    }
    return known
  }()

  private func matches(_ event: Cairn_V1_Event, _ filter: EventFilter, _ known: Known = world) throws -> Bool {
    let event = try ValidatedEvent(event)
    guard filter.mayMatch(event, ledgerTime: .earliest, author: try #require(Self.author)) else { return false }
    var known = known
    return try filter.matches(event, by: &known)
  }

  private func filter(_ name: String, _ text: String) throws -> EventFilter {
    var query = SimpleEventQuery()
    try query.add(name, text)
    return try EventFilter(query.request.filter)
  }

  @Test(arguments: [
    ("HASATTR_readPoint", "cbvmda:city", "cbvmda:nothing"),
    ("HASATTR_readPoint", "cbvmda:nothing|urn:epcglobal:cbv:mda:state", "example:unknown"),
    ("HASATTR_readPoint", "cairn:image", "example:docks2"), ("HASATTR_bizLocation", "", "cbvmda:city"),
    ("HASATTR_epcClass", "netContentDescription", "city"), ("HASATTR_source", "cairn:gln", "cairn:partOf"),
    ("HASATTR_destination", "", "name"), ("HASATTR_example:yard", "name", "city"),
    ("HASATTR_https://ns.example.com/epcis/yard", "cbvmda:name", "cbvmda:city"),
    ("HASATTR_example:ways", "name", "city"), ("HASATTR_example:colour", "", "name"),
    ("HASATTR_example:missing", "", "name"), ("EQATTR_readPoint_cbvmda:name", "Gate|x", "Hall"),
    ("EQATTR_readPoint_https://ref.gs1.org/cbv/mda#city", "Zürich", "zürich"),
    ("EQATTR_readPoint_urn:epcglobal:cbv:mda:streetAddressTwo", "Tor B", "Quai 1"),
    ("EQATTR_readPoint_streetAddressOne", "Quai 1", "Quai"), ("EQATTR_readPoint_streetAddressThree", "", "Quai 1"),
    ("EQ_ATTR_readPoint_state", "ZH", "CH"), ("EQATTR_readPoint_postalCode", "8005", "8006"),
    ("EQATTR_readPoint_cbvmda:countryCode", "AT|CH", "AT"), ("EQATTR_readPoint_latitude", "47.390", "47.4"),
    ("EQATTR_readPoint_longitude", "8.52|1", "8.53"), ("EQATTR_readPoint_cairn:gln", "4012345000054", "4012345000061"),
    ("EQATTR_readPoint_partOf", "https://id.gs1.org/414/4012345000061", "urn:x:yard"),
    ("EQATTR_readPoint_partOf", "urn:epc:id:sgln:4012345.00006.0", "urn:epc:id:sgln:4012345.00007.0"),
    ("EQATTR_readPoint_validFrom", "2026-01-01T01:00:00+01:00", "2026-01-02T00:00:00Z"),
    ("EQATTR_readPoint_cairn:image", String(repeating: "ab", count: 32), "ab"),
    ("EQATTR_readPoint_cbvmda:siteType", "warehouse", "office"), ("EQATTR_readPoint_siteType", "warehouse", "office"),
    ("EQATTR_readPoint_example:docks", "12.0", "13"), ("EQATTR_readPoint_example:tags", "dry", "cold,dry"),
    ("EQATTR_readPoint_https://ns.example.com/epcis/opened", "2001-05-01T00:00:00.000Z", "2001-05-02T00:00:00Z"),
    ("EQATTR_epcClass_name", "Oil", "Vinegar"), ("EQATTR_source_cbvmda:name", "Seller", "Oil"),
    ("EQATTR_source_cairn:gln", "4012345002256", "4012345000054"), ("EQATTR_example:yard_name", "Yard", "Gate"),
  ])
  func anAttributeIsFoundByEverySpelling(_ name: String, _ finding: String, _ missing: String) throws {
    if !finding.isEmpty { #expect(try matches(Self.event(), filter(name, finding)), "\(name)=\(finding)") }
    #expect(try !matches(Self.event(), filter(name, missing)), "\(name)=\(missing)")
    #expect(try !matches(Self.event(), filter(name, finding.isEmpty ? missing : finding), Known()), "\(name)")
  }

  @Test func theClosestDescriptionThatHasTheAttributeCounts() throws {
    var known = Known()
    known.describe(Self.hall) {
      $0.names = [.with { $0.text = "Hall" }]
      $0.address.city = "Zürich"
    }
    known.describe(Self.gate) { $0.names = [.with { $0.text = "Gate" }] }
    #expect(try !matches(Self.event(), filter("EQATTR_readPoint_name", "Hall"), known))
    #expect(try matches(Self.event(), filter("EQATTR_readPoint_city", "Zürich"), known))
    #expect(try matches(Self.event(Self.hall), filter("EQATTR_readPoint_name", "Hall"), known))
    known.describe(Self.gate) { $0.address.city = "Basel" }
    #expect(try !matches(Self.event(), filter("EQATTR_readPoint_city", "Zürich"), known))
  }

  @Test func whatAPlaceIsAPartOfHasAttributesOfItsOwn() throws {
    var known = Known()
    known.describe("urn:x:door") { $0.parent = "urn:x:house" }
    known.describe("urn:x:house") { $0.address.city = "Zürich" }
    #expect(try !matches(Self.event("urn:x:door"), filter("HASATTR_readPoint", "city"), known))
  }

  @Test func aPlaceIsInsideOfWhatMasterDataSays() throws {
    var known = Known()
    known.describe("urn:x:shelf") { $0.parent = "urn:x:room" }
    known.describe("urn:x:room") { $0.parent = "(414)4012345000054(254)gate" }
    known.describe(Self.hall) { $0.parent = "urn:x:port" }
    known.describe("urn:x:port") { $0.parent = "urn:x:shelf" }
    for place in ["urn:x:shelf", "urn:x:room", Self.gate, "urn:epc:id:sgln:4012345.00005.0", "urn:x:port"] {
      #expect(try matches(Self.event("urn:x:shelf"), filter("WD_readPoint", place), known), "\(place)")
    }
    #expect(try !matches(Self.event("urn:x:shelf"), filter("WD_readPoint", "urn:x:elsewhere"), known))
    #expect(try !matches(Self.event("urn:x:shelf"), filter("WD_bizLocation", "urn:x:port"), known))
    #expect(try !matches(Self.event("urn:x:shelf"), filter("WD_readPoint", "urn:x:port"), Known()))
    known.subjects["urn:x:room"]?.kind = .party
    #expect(try !matches(Self.event("urn:x:shelf"), filter("WD_readPoint", Self.gate), known))
  }

  @Test func noPlaceIsFollowedWithoutEnd() throws {
    var known = Known()
    for number in 0..<200 { known.describe("urn:x:\(number)") { $0.parent = "urn:x:\(number + 1)" } }
    #expect(try matches(Self.event("urn:x:0"), filter("WD_readPoint", "urn:x:63"), known))
    #expect(try !matches(Self.event("urn:x:0"), filter("WD_readPoint", "urn:x:64"), known))
    let event = try ValidatedEvent(Self.event("urn:x:0"))
    #expect(try !filter("WD_readPoint", "urn:x:none").matches(event, by: &known))
    #expect(known.questions.count == 63)
  }

  @Test func masterDataIsAskedOnlyForWhatTheEventLeavesOpen() throws {
    let event = try ValidatedEvent(Self.event())
    let author = try #require(Self.author)
    var known = Known()
    let inside = try filter("WD_readPoint", Self.hall)
    #expect(inside.undecided(event).isEmpty && inside.asksForMasterData)
    #expect(inside.matches(event, ledgerTime: .earliest, author: author))
    #expect(try inside.matches(event, by: &known) && known.questions.isEmpty)
    let open: [(String, String, String)] = [
      ("WD_readPoint", "urn:x:port", "read_points_within"), ("WD_bizLocation", Self.hall, "biz_locations_within"),
      ("HASATTR_readPoint", "city", "attributes"),
    ]
    for (name, text, field) in open {
      let filter = try filter(name, text)
      #expect(filter.undecided(event) == [field] && !filter.isEmpty && filter.indexed.isEmpty)
      #expect(filter.mayMatch(event, ledgerTime: .earliest, author: author))
      #expect(!filter.matches(event, ledgerTime: .earliest, author: author))
    }
    let other = try ValidatedEvent(Events.transformation)
    #expect(try !filter("HASATTR_example:yard", "name").mayMatch(other, ledgerTime: .earliest, author: author))
    #expect(try EventFilter(.init()).asksForMasterData == false)
  }

  @Test(arguments: [
    (Cairn_V1_AttributeCondition.with { $0.names = ["a"] }, "MISSING_FIELD", "attributes[0].field"),
    (.with { $0.part = .readPoint }, "MISSING_FIELD", "attributes[0].names"),
    (
      .with {
        $0.part = .readPoint
        $0.field = "example:yard"
        $0.names = ["a"]
      }, "MISPLACED_FIELD", "attributes[0].field"
    ),
    (
      .with {
        $0.part = .UNRECOGNIZED(9)
        $0.names = ["a"]
      }, "UNKNOWN_DESCRIBED_PART", "attributes[0].part"
    ),
    (
      .with {
        $0.part = .source
        $0.names = ["a", ""]
      }, "MISSING_FIELD", "attributes[0].names[1]"
    ),
    (
      .with {
        $0.part = .source
        $0.names = Array(repeating: "a", count: 65)
      }, "TOO_MANY_VALUES", "attributes[0].names"
    ),
    (
      .with {
        $0.part = .epcClass
        $0.names = ["a"]
        $0.texts = .init()
      }, "MISSING_FIELD", "attributes[0].texts.values"
    ),
    (
      .with {
        $0.part = .epcClass
        $0.names = ["a"]
        $0.number.values = ["1"]
      }, "UNKNOWN_COMPARISON", "attributes[0].number.comparison"
    ),
  ])
  func whatIsNoConditionIsRefused(_ condition: Cairn_V1_AttributeCondition, _ reason: String, _ field: String) {
    let failure = #expect(throws: Failure.self) { try EventFilter(.with { $0.attributes = [condition] }) }
    #expect(failure?.reason == reason)
    #expect(failure?.violations.first?.field == field)
  }
}
