import Primitives
import Provenance
import SwiftProtobuf
import Testing
import Wire

/// Every parameter of SimpleEventQuery, in the standard's words, against events that meet it and events that do not.
@Suite struct SimpleEventQueryTests {
  private func filter(_ parameters: [(String, String)]) throws -> EventFilter {
    var query = SimpleEventQuery()
    for (name, text) in parameters { try query.add(name, text) }
    return try EventFilter(query.request.filter)
  }

  private func matches(_ event: Cairn_V1_Event, _ parameters: [(String, String)]) throws -> Bool {
    let author = try #require(KeyID(Array(repeating: UInt8(7), count: 32)))
    return try filter(parameters).matches(
      ValidatedEvent(event), ledgerTime: Instant(microseconds: 1_000_000), author: author)
  }

  @Test(arguments: QueryCase.all) func aParameterFindsWhatItNamesAndNothingElse(_ query: QueryCase) throws {
    for text in query.finding {
      #expect(try matches(query.event, [(query.parameter, text)]), "\(query.parameter)=\(text)")
    }
    for text in query.missing {
      #expect(try !matches(query.event, [(query.parameter, text)]), "\(query.parameter)=\(text)")
    }
    for other in query.others {
      #expect(try !matches(other, [(query.parameter, query.finding[0])]), "\(query.parameter) \(other.type)")
    }
  }

  @Test(arguments: QueryCase.schema) func everyParameterOfTheStandardIsKnown(_ name: String) throws {
    var query = SimpleEventQuery()
    try query.add(name, QueryCase.value(of: name))
    let controls = ["orderBy", "orderDirection", "eventCountLimit", "maxEventCount"]
    #expect(try EventFilter(query.request.filter).isEmpty == controls.contains(name))
    #expect(query.request != .init())
  }

  @Test func orderAndLimits() throws {
    var query = SimpleEventQuery()
    for (name, text) in [("orderBy", "eventTime"), ("orderDirection", "DESC"), ("eventCountLimit", "7")] {
      try query.add(name, text)
    }
    #expect(query.request.orderBy == .eventTime && query.request.orderDirection == .descending)
    #expect(query.request.eventCountLimit == 7)
  }

  /// The standard's default, unlike the typed request's.
  @Test(arguments: [
    ("eventTime", Cairn_V1_EventOrder.eventTime, ""), ("recordTime", .unspecified, ""), ("a:b", .unspecified, "a:b"),
  ])
  func anOrderIsDescendingUnlessItsDirectionIsGiven(_ key: String, _ order: Cairn_V1_EventOrder, _ field: String) throws
  {
    var query = SimpleEventQuery()
    try query.add("orderBy", key)
    #expect(query.request.orderBy == order && query.request.orderByField == field)
    #expect(query.request.orderDirection == .descending)
    try query.add("orderDirection", "ASC")
    #expect(query.request.orderDirection == .ascending)
  }

  @Test(arguments: [
    ("EQ_colour", "red", "UNKNOWN_PARAMETER"), ("GE_bizStep", "shipping", "UNKNOWN_PARAMETER"),
    ("EQ_", "x", "UNKNOWN_PARAMETER"), ("", "x", "UNKNOWN_PARAMETER"), ("LIKE_example:a", "x", "UNKNOWN_PARAMETER"),
    ("HASATTR_bizStep", "x", "UNSUPPORTED_PARAMETER"), ("EQATTR_bizTransaction_x", "x", "UNSUPPORTED_PARAMETER"),
    ("EQ_ATTR_disposition_x", "x", "UNSUPPORTED_PARAMETER"), ("HASATTR_", "x", "UNSUPPORTED_PARAMETER"),
    ("EQATTR_example:my_yard_city", "x", "AMBIGUOUS_PARAMETER"), ("eventType", "QuantityEvent", "INVALID_VALUE"),
    ("EQ_action", "add", "INVALID_VALUE"), ("EQ_booleanValue", "yes", "INVALID_VALUE"),
    ("orderBy", "quantity", "INVALID_VALUE"), ("orderDirection", "up", "INVALID_VALUE"),
    ("eventCountLimit", "0", "INVALID_VALUE"), ("maxEventCount", "-1", "INVALID_VALUE"),
    ("GE_eventTime", "yesterday", "INVALID_TIME"), ("GT_example:a", "red", "INVALID_VALUE"),
  ])
  func whatIsNoParameterIsRefused(_ name: String, _ text: String, _ reason: String) {
    let failure = #expect(throws: Failure.self) {
      var query = SimpleEventQuery()
      try query.add(name, text)
    }
    #expect(failure?.reason == reason)
    #expect(failure?.violations.first?.field == name)
  }

  @Test func aTimeIsGivenOnce() {
    let failure = #expect(throws: Failure.self) {
      var query = SimpleEventQuery()
      for _ in 0..<2 { try query.add("GE_eventTime", "2026-01-01T00:00:00Z") }
    }
    #expect(failure?.reason == "REPEATED_PARAMETER")
  }

  @Test func aListMayComeInParts() throws {
    #expect(try matches(Events.object, [("EQ_bizStep", "receiving"), ("EQ_bizStep", "packing|shipping")]))
    #expect(
      try matches(
        Events.object, [("EQ_bizTransaction_po", "urn:x:1"), ("EQ_bizTransaction_po", QueryCase.order)]))
  }

  /// As the standard has it: each condition may be met by another report, unless one is asked to meet them all.
  @Test func oneReportMayBeAskedToMeetAllConditions() throws {
    var query = SimpleEventQuery()
    try query.add("EQ_type", "Temperature")
    try query.add("GE_value", "100")
    var request = query.request.filter
    let event = try ValidatedEvent(Events.sensors)
    let author = try #require(KeyID(Array(repeating: UInt8(7), count: 32)))
    #expect(try EventFilter(request).matches(event, ledgerTime: .earliest, author: author))
    request.sensors.oneReport = true
    #expect(try !EventFilter(request).matches(event, ledgerTime: .earliest, author: author))
    request.sensors.types = ["Pressure"]
    #expect(try EventFilter(request).matches(event, ledgerTime: .earliest, author: author))
  }
}
