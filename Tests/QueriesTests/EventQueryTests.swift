import Foundation
import Ledger
import Primitives
import Queries
import SeededRandom
import SwiftProtobuf
import Testing
import Wire

/// What the index, the times of chunks and the authors' batches find is what a look at every event finds; in every order.
@Suite struct EventQueryTests {
  private typealias Recorded = Cairn_V1_RecordedEvent

  private static let questions = 20

  private func places(_ events: [Recorded]) -> [[UInt64]] { events.map { [$0.position, UInt64($0.recordIndex)] } }

  private func byTime(_ events: [Recorded]) -> [Recorded] {
    events.sorted {
      ($0.event.eventTime.microseconds, $0.position, $0.recordIndex)
        < ($1.event.eventTime.microseconds, $1.position, $1.recordIndex)
    }
  }

  @Test(arguments: UInt64(1)...3) func anAnswerIsWhatALookAtEveryEventFinds(seed: UInt64) async throws {
    let answers = try await RandomAnswers(seed: seed)
    var random = SplitMix64(seed: seed &+ 100)
    var found = 0
    for _ in 0..<Self.questions {
      let filter = answers.filter(&random)
      let expected = try answers.matching(filter)
      found += expected.count
      let size = [7, 40, 1_000].randomElement(using: &random) ?? 100
      var question = Cairn_V1_QueryEventsRequest.with { $0.filter = filter }
      #expect(places(try await answers.answer(question, size: size)) == places(expected), "seed \(seed): \(filter)")
      question.orderDirection = .descending
      #expect(
        places(try await answers.answer(question, size: size)) == places(expected.reversed()), "seed \(seed): \(filter)"
      )
      question.orderBy = .eventTime
      #expect(
        places(try await answers.answer(question, size: size)) == places(byTime(expected).reversed()),
        "seed \(seed): \(filter)")
      question.orderDirection = .ascending
      #expect(
        places(try await answers.answer(question, size: size)) == places(byTime(expected)), "seed \(seed): \(filter)")
    }
    #expect(found > 100)
  }

  @Test(arguments: [
    (Cairn_V1_OrderDirection.ascending, [3, 4, 0, 2, 6, 5, 1]), (.unspecified, [3, 4, 0, 2, 6, 5, 1]),
    (.descending, [5, 6, 2, 0, 4, 3, 1]),
  ]) func eventsComeInTheOrderOfAFieldPageByPage(direction: Cairn_V1_OrderDirection, order: [Int]) async throws {
    let exchange = try Exchange()
    let records = try ["3", nil, "10", "2.50", "25e-1", "a", "2026-01-01T00:00:00Z"].enumerated().map { number, value in
      var event = try Cairn_V1_Record(
        serializedBytes: try Statement(about: Statement.items[0], nil, seconds: number).record(number)
      ).provenance.event
      event.eventID = "urn:uuid:\(number)"
      if let value { event.extensions = [.with { ($0.name, $0.value.text) = ("example:key", value) }] }
      return try BatchBuilder.serialize(
        Cairn_V1_Record(event: event, salt: Data(repeating: UInt8(number), count: 16), visibility: .of(.public)))
    }
    try exchange.record(records, by: .acmeDevice)
    for (size, limit) in [(1, 0), (2, 0), (3, 5), (100, 0), (100, 4)] {
      var question = Cairn_V1_QueryEventsRequest.with {
        $0.orderByField = "example:key"
        ($0.orderDirection, $0.pageSize, $0.eventCountLimit) = (direction, UInt32(size), UInt32(limit))
      }
      var found: [String] = []
      repeat {
        let page = try await exchange.queries.queryEvents(question, by: exchange.caller(.auditor))
        found += page.events.map(\.event.eventID)
        question.pageToken = page.nextPageToken
      } while !question.pageToken.isEmpty
      #expect(found == order.prefix(limit == 0 ? 7 : limit).map { "urn:uuid:\($0)" }, "pages of \(size)")
    }
  }

  @Test(arguments: [Cairn_V1_EventOrder.unspecified, .eventTime], [Cairn_V1_OrderDirection.ascending, .descending])
  func aCountLimitHoldsForAllPagesTogether(
    order: Cairn_V1_EventOrder, direction: Cairn_V1_OrderDirection
  ) async throws {
    let answers = try await RandomAnswers(seed: 7)
    var question = Cairn_V1_QueryEventsRequest.with {
      $0.orderBy = order
      $0.orderDirection = direction
    }
    let everything = try await answers.answer(question, size: 1_000)
    for (limit, size) in [(1, 100), (10, 3), (9, 3), (11, 10), (100_000, 50)] {
      question.eventCountLimit = UInt32(limit)
      let answer = try await answers.answer(question, size: size)
      #expect(places(answer) == places(Array(everything.prefix(limit))), "limit \(limit), pages of \(size)")
    }
  }

  @Test(arguments: [Cairn_V1_EventOrder.unspecified, .eventTime])
  func moreEventsThanAskedForAreRefused(order: Cairn_V1_EventOrder) async throws {
    let answers = try await RandomAnswers(seed: 8)
    var question = Cairn_V1_QueryEventsRequest.with {
      $0.filter.readPoints = [Statement.places[0]]
      $0.orderBy = order
    }
    let count = try answers.matching(question.filter).count
    question.maxEventCount = UInt32(count)
    #expect(try await answers.answer(question, size: 4).count == count)
    question.maxEventCount = UInt32(count - 1)
    let failure = await refusal(of: question, answers.exchange)
    #expect(failure?.reason == "QUERY_TOO_LARGE" && failure?.kind == .exhausted)
  }

  /// Nobody is refused, or served less, because of events that it may not read.
  @Test func whatIsHiddenDoesNotCount() async throws {
    let exchange = try Exchange()
    let visibilities = [
      Cairn_V1_Visibility.of(.public), .of(.parties, ["acme"]), .of(.public), .of(.parties, ["acme"]),
    ]
    let records = try visibilities.enumerated().map { number, visibility in
      try Statement(about: Statement.items[0], visibility, seconds: number).record(number)
    }
    try exchange.record(records, by: .acmeDevice)
    for order in [Cairn_V1_EventOrder.unspecified, .eventTime] {
      var question = Cairn_V1_QueryEventsRequest.with {
        $0.filter.items = [Statement.items[0]]
        $0.orderBy = order
        $0.maxEventCount = 2
      }
      #expect(try await exchange.queries.queryEvents(question, by: exchange.caller(.kiloPartner)).events.count == 2)
      #expect(await refusal(of: question, exchange)?.reason == "QUERY_TOO_LARGE")
      question.maxEventCount = 0
      question.eventCountLimit = 2
      #expect(try await exchange.queries.queryEvents(question, by: exchange.caller(.kiloPartner)).events.count == 2)
    }
  }

  @Test(arguments: WrongQuestion.all) func whatIsWrongIsRefusedByField(_ wrong: WrongQuestion) async throws {
    let failure = await refusal(of: .with(wrong.fill), try Exchange())
    #expect(failure?.kind == .malformed)
    #expect(failure?.violations.first?.field == wrong.field)
  }

  @Test func aTokenBelongsToItsOrderAndLimits() async throws {
    let answers = try await RandomAnswers(seed: 9)
    var question = Cairn_V1_QueryEventsRequest.with { $0.pageSize = 1 }
    question.pageToken = try await answers.exchange.queries.queryEvents(
      question, by: answers.exchange.caller(.auditor)
    ).nextPageToken
    for change in [
      { $0.orderBy = .eventTime }, { $0.orderByField = "a:b" }, { $0.orderDirection = .descending },
      { $0.eventCountLimit = 5 },
      { $0.maxEventCount = 20_000 },
    ] as [(inout Cairn_V1_QueryEventsRequest) -> Void] {
      var changed = question
      change(&changed)
      #expect(await refusal(of: changed, answers.exchange)?.reason == "PAGE_TOKEN")
    }
  }

  private func refusal(of question: Cairn_V1_QueryEventsRequest, _ exchange: Exchange) async -> Failure? {
    do {
      _ = try await exchange.queries.queryEvents(question, by: exchange.caller(.auditor))
      return nil
    } catch { return error }
  }
}

/// A question that breaks one rule.
struct WrongQuestion: Sendable, CustomTestStringConvertible {
  let field: String
  let fill: @Sendable (inout Cairn_V1_QueryEventsRequest) -> Void

  var testDescription: String { field }

  init(_ field: String, _ fill: @escaping @Sendable (inout Cairn_V1_QueryEventsRequest) -> Void) {
    self.field = field
    self.fill = fill
  }

  static let all = [
    WrongQuestion("order_by") { $0.orderBy = .UNRECOGNIZED(9) },
    WrongQuestion("order_by_field") { ($0.orderBy, $0.orderByField) = (.eventTime, "a:b") },
    WrongQuestion("order_direction") { $0.orderDirection = .UNRECOGNIZED(9) },
    WrongQuestion("max_event_count") { $0.maxEventCount = 20_001 },
    WrongQuestion("max_event_count") {
      $0.maxEventCount = 1
      $0.eventCountLimit = 1
    },
    WrongQuestion("filter.fields[0].name") { $0.filter.fields = [.with { $0.texts.values = ["a"] }] },
  ]
}
