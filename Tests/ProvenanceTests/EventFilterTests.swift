import Foundation
import Primitives
import Provenance
import Testing
import SwiftProtobuf
import Wire

@Suite struct EventFilterTests {
  private static let author = KeyID(Array(repeating: UInt8(7), count: 32))
  private static let other = KeyID(Array(repeating: UInt8(8), count: 32))

  private func matches(
    _ event: Cairn_V1_Event = Events.object, ledgerTime: Int64 = 1_000,
    _ fill: (inout Cairn_V1_EventFilter) -> Void
  ) throws -> Bool {
    let filter = try EventFilter(.with(fill))
    #expect(!filter.isEmpty)
    return try filter.matches(
      ValidatedEvent(event), ledgerTime: Instant(microseconds: ledgerTime), author: #require(Self.author))
  }

  @Test func theEmptyFilterWantsEverything() throws {
    let filter = try EventFilter(.init())
    #expect(filter.isEmpty)
    for event in Events.all {
      let validated = try ValidatedEvent(event)
      #expect(filter.matches(validated, ledgerTime: .earliest, author: try #require(Self.author)))
    }
  }

  @Test func timeRangesAreHalfOpen() throws {
    let time = Events.object.eventTime.microseconds
    #expect(try matches { $0.eventTimeFrom.microseconds = time })
    #expect(try !matches { $0.eventTimeFrom.microseconds = time + 1 })
    #expect(try !matches { $0.eventTimeBefore.microseconds = time })
    #expect(try matches { $0.eventTimeBefore.microseconds = time + 1 })
    #expect(try matches(ledgerTime: 5) { $0.ledgerTimeFrom.microseconds = 5 })
    #expect(try !matches(ledgerTime: 4) { $0.ledgerTimeFrom.microseconds = 5 })
    #expect(try !matches(ledgerTime: 5) { $0.ledgerTimeBefore.microseconds = 5 })
  }

  @Test func kindsAndActions() throws {
    #expect(try matches { $0.types = [.aggregation, .object] })
    #expect(try !matches { $0.types = [.aggregation] })
    #expect(try matches { $0.actions = [.observe] })
    #expect(try !matches { $0.actions = [.add, .delete] })
    #expect(try !matches(Events.transformation) { $0.actions = [.add, .observe, .delete] })
  }

  @Test(arguments: [
    "shipping", "cbv:BizStep-shipping", "urn:epcglobal:cbv:bizstep:shipping",
    "https://ref.gs1.org/cbv/BizStep-shipping",
  ])
  func businessStepsInAnySpelling(_ text: String) throws {
    #expect(try matches { $0.bizSteps = ["receiving", text] })
    #expect(try !matches { $0.bizSteps = ["receiving"] })
  }

  @Test(arguments: [
    ("1e1000000", true), ("1E+1000000", true), ("0.001e-1000000", true), ("9999e1000000", true), ("1e1000001", false),
    ("1e-1000001", false), ("0e-1000001", false),
  ])
  func exponentsAreLimitedAsWritten(_ number: String, isTaken: Bool) throws {
    let filter = Cairn_V1_EventFilter.with {
      $0.quantities = [
        .with {
          $0.number.comparison = .greater
          $0.number.values = [number]
        }
      ]
    }
    if isTaken {
      _ = try EventFilter(filter)
    } else {
      #expect(throws: Failure.self) { try EventFilter(filter) }
    }
  }

  @Test func dispositions() throws {
    #expect(try matches { $0.dispositions = ["cbv:Disp-in_transit"] })
    #expect(try !matches { $0.dispositions = ["active"] })
  }

  @Test(arguments: [Events.bottle, Events.bottleLink, "(01)10614141073464(21)2017", Events.lot])
  func itemsInAnySpellingAndRole(_ text: String) throws {
    #expect(try matches { $0.items = [text] })
    #expect(try matches(Events.aggregation) { $0.items = [Events.dock, text] })
    #expect(try matches(Events.transformation) { $0.items = [text] })
    #expect(try !matches { $0.items = [Events.pallet] })
  }

  @Test func places() throws {
    #expect(try matches { $0.places = [Events.dockLink] })
    #expect(try matches { $0.places = [Events.hallLink] })
    #expect(try matches { $0.readPoints = [Events.dock] })
    #expect(try !matches { $0.readPoints = [Events.hall] })
    #expect(try matches { $0.bizLocations = [Events.hall] })
    #expect(try !matches { $0.bizLocations = [Events.dock] })
    var nowhere = Events.object
    nowhere.clearReadPoint()
    nowhere.clearBizLocation()
    #expect(try !matches(nowhere) { $0.places = [Events.hall] })
  }

  @Test func authorsAndEventIDs() throws {
    let author = try #require(Self.author)
    let other = try #require(Self.other)
    #expect(try matches { $0.authorKeyIds = [Data(other.digest.bytes), Data(author.digest.bytes)] })
    #expect(try !matches { $0.authorKeyIds = [Data(other.digest.bytes)] })
    #expect(try matches { $0.eventIds = [Events.object.eventID] })
    #expect(try !matches { $0.eventIds = ["urn:uuid:0"] })
  }

  @Test func allConditionsMustHold() throws {
    #expect(
      try matches {
        $0.bizSteps = ["shipping"]
        $0.items = [Events.bottle]
      })
    #expect(
      try !matches {
        $0.bizSteps = ["receiving"]
        $0.items = [Events.bottle]
      })
  }

  @Test func thePlannerSeesCanonicalValues() throws {
    let filter = try EventFilter(
      .with {
        $0.items = [Events.bottle, Events.bottleLink]
        $0.places = [Events.hall]
        $0.eventTimeFrom.microseconds = 1
      })
    #expect(filter.items == [Events.bottleLink])
    #expect(filter.places == [Events.hallLink])
    #expect(filter.eventTime == TimeRange(from: Instant(microseconds: 1)))
  }

  @Test(arguments: FilterRefusal.cases) func whatIsWrongIsRefusedWithItsReasonAndPath(_ refusal: FilterRefusal) {
    let failure = #expect(throws: Failure.self) { try EventFilter(.with(refusal.fill)) }
    #expect(failure?.reason == refusal.reason)
    #expect(failure?.violations.first?.field == refusal.field)
  }
}

/// A filter that breaks one rule.
struct FilterRefusal: Sendable, CustomTestStringConvertible {
  let reason: String
  let field: String
  let fill: @Sendable (inout Cairn_V1_EventFilter) -> Void

  var testDescription: String { "\(reason) \(field)" }

  init(_ reason: String, _ field: String, _ fill: @escaping @Sendable (inout Cairn_V1_EventFilter) -> Void) {
    self.reason = reason
    self.field = field
    self.fill = fill
  }

  static let cases = [
    FilterRefusal("EMPTY_TIME_RANGE", "event_time_before") {
      $0.eventTimeFrom.microseconds = 5
      $0.eventTimeBefore.microseconds = 5
    },
    FilterRefusal("EMPTY_TIME_RANGE", "ledger_time_before") {
      $0.ledgerTimeFrom.microseconds = 5
      $0.ledgerTimeBefore.microseconds = 4
    },
    FilterRefusal("TIME_OUT_OF_RANGE", "event_time_from.microseconds") { $0.eventTimeFrom.microseconds = .min },
    FilterRefusal("TIME_OUT_OF_RANGE", "ledger_time_before.microseconds") { $0.ledgerTimeBefore.microseconds = .max },
    FilterRefusal("UNKNOWN_EVENT_TYPE", "types[1]") { $0.types = [.object, .unspecified] },
    FilterRefusal("UNKNOWN_ACTION", "actions[0]") { $0.actions = [.UNRECOGNIZED(7)] },
    FilterRefusal("UNKNOWN_VOCABULARY", "biz_steps[0]") { $0.bizSteps = ["washing"] },
    FilterRefusal("UNKNOWN_VOCABULARY", "dispositions[0]") { $0.dispositions = ["fine"] },
    FilterRefusal("INVALID_CHECK_DIGIT", "items[1]") { $0.items = [Events.bottle, "(01)09506000134353"] },
    FilterRefusal("NOT_A_URI", "places[0]") { $0.places = ["Hamburg"] },
    FilterRefusal("NOT_A_URI", "read_points[0]") { $0.readPoints = ["Hamburg"] },
    FilterRefusal("NOT_A_URI", "biz_locations[0]") { $0.bizLocations = ["Hamburg"] },
    FilterRefusal("INVALID_KEY_ID", "author_key_ids[0]") { $0.authorKeyIds = [Data([1, 2, 3])] },
    FilterRefusal("TEXT_TOO_LONG", "event_ids[0]") { $0.eventIds = [String(repeating: "a", count: 2_049)] },
    FilterRefusal("IDENTIFIER_TOO_LONG", "items[0]") { $0.items = ["urn:x:" + String(repeating: "a", count: 2_043)] },
    FilterRefusal("TOO_MANY_VALUES", "items") { $0.items = Array(repeating: Events.bottle, count: 65) },
    FilterRefusal("TOO_MANY_VALUES", "types") { $0.types = Array(repeating: .object, count: 65) },
    FilterRefusal("TOO_MANY_VALUES", "actions") { $0.actions = Array(repeating: .add, count: 65) },
    FilterRefusal("TOO_MANY_VALUES", "author_key_ids") { $0.authorKeyIds = Array(repeating: Data(), count: 65) },
  ]
}
