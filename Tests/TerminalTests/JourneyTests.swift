import Provenance
import Terminal
import Testing
import SwiftProtobuf
import Wire

@Suite struct JourneyTests {
  private static let entries: [Cairn_V1_MasterDataEntry] = [
    entry("https://id.gs1.org/414/9521321000100", "Serra Alta mill", "Beja", "PT", ("38.01507", "-7.86323")),
    entry("https://id.gs1.org/414/9521321000100/254/DOCK-1", "Dock 1"),
    entry("https://id.gs1.org/414/0614141000517", "Market hall", "Zürich", "CH", ("47.38672", "8.52594")),
    entry("https://id.gs1.org/417/9521321000001", "Serra Alta Lda", "Beja", "PT", kind: .party),
    entry("https://id.gs1.org/01/09521321000018", "Olive oil", kind: .product),
  ]

  /// Distances by an independent formula over the same sphere (spherical law of cosines, 50 digits).
  @Test(arguments: [
    (("0", "0"), ("0", "180"), 20_015.114), (("0", "0"), ("90", "0"), 10_007.557), (("0", "0"), ("0", "0"), 0),
    (("47.38672", "8.52594"), ("38.01507", "-7.86323"), 1_691.077), (("0", "179.5"), ("0", "-179.5"), 111.195),
    (("-90", "12"), ("90", "-77"), 20_015.114),
  ])
  func distancesFollowTheGreatCircle(from: (String, String), to: (String, String), kilometres: Double) throws {
    let (a, b) = (try GeoPoint(latitude: from.0, longitude: from.1), try GeoPoint(latitude: to.0, longitude: to.1))
    #expect(abs(a.kilometres(to: b) - kilometres) < 1, "\(a.kilometres(to: b))")
    #expect(a.kilometres(to: b) == b.kilometres(to: a))
  }

  @Test(arguments: [
    (0.0, "0 m"), (0.3504, "350 m"), (0.9994, "999 m"), (0.9996, "1.0 km"), (4.24, "4.2 km"), (9.96, "10 km"),
    (1_733.6, "1,734 km"),
  ])
  func distancesReadLikeThis(kilometres: Double, words: String) {
    #expect(GeoPoint.words(kilometres: kilometres) == words)
  }

  @Test(arguments: [
    ("urn:epc:id:sgln:9521321.00010.0", "Serra Alta mill, Beja PT"),
    ("https://id.example/414/9521321000100/254/DOCK-1", "Dock 1, Serra Alta mill, Beja PT"),
    ("(414)9521321000100(254)DOCK-9", "Serra Alta mill, Beja PT"), ("urn:epc:id:pgln:9521321.00000", "Serra Alta Lda"),
    ("(01)09521321000018(21)B0041", "Olive oil"), ("urn:uuid:unknown", nil), ("no identifier", nil), ("", nil),
  ])
  func thingsHaveTheNamesOfWhatDescribesThem(text: String, name: String?) {
    let names = SubjectNames(Self.entries)
    #expect(names.name(of: text) == name)
    #expect(names.words(for: text) == (name.map { "\($0) · \(text)" } ?? text))
    #expect(SubjectNames.none.name(of: text) == nil)
  }

  @Test func aJourneyGoesFromPlaceToPlace() {
    var journey = Journey(SubjectNames(Self.entries))
    let stops = [
      ("https://id.gs1.org/414/9521321000100/254/DOCK-1", ""), ("urn:uuid:unknown", ""),
      ("https://id.gs1.org/414/9521321000100/254/LINE-2", ""), ("geo:47.38672,8.52594", ""),
      ("urn:uuid:unknown", "urn:epc:id:sgln:0614141.00051.TILL-2"), ("urn:epc:id:sgln:9521321.00010.0", ""),
    ]
    let legs = stops.map { readPoint, bizLocation in
      journey.leg(
        to: .with {
          $0.readPoint.id = readPoint
          $0.bizLocation.id = bizLocation
        })?.words
    }
    #expect(
      legs == [
        nil, nil, nil, "1,691 km from Serra Alta mill, Beja PT", nil, "1,691 km from Market hall, Zürich CH",
      ])
    #expect(journey.words == "3,382 km over 2 legs, as the crow flies")
    #expect(Journey(.none).words == nil)
  }

  @Test func thingsInsideOneAnotherInACircleComeToAnEnd() {
    var door = Self.entry("urn:uuid:door", "Door")
    door.shown.masterData.parent = "urn:uuid:hall"
    var hall = Self.entry("urn:uuid:hall", "Hall")
    hall.shown.masterData.parent = "urn:uuid:door"
    let names = SubjectNames([door, hall])
    #expect(names.name(of: "urn:uuid:door") == "Door, Hall")
    #expect(names.location(of: "urn:uuid:door") == nil)
  }

  private static func entry(
    _ subject: String, _ name: String, _ city: String = "", _ country: String = "",
    _ point: (String, String)? = nil, kind: Cairn_V1_MasterDataKind = .place
  ) -> Cairn_V1_MasterDataEntry {
    .with {
      $0.subject = subject
      $0.shown.masterData.subject = subject
      $0.shown.masterData.kind = kind
      $0.shown.masterData.names = [.with { $0.text = name }]
      if !city.isEmpty {
        $0.shown.masterData.address.city = city
        $0.shown.masterData.address.country = country
      }
      if let point {
        $0.shown.masterData.location.latitude = point.0
        $0.shown.masterData.location.longitude = point.1
      }
    }
  }
}
