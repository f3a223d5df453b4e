import Foundation
import Ledger
import Primitives
import Provenance
import Queries
import SeededRandom
import Signing
import SwiftProtobuf
import Wire

/// A ledger of random events of many kinds, and what a look at every one of them finds.
struct RandomAnswers {
  static let base: Int64 = 1_780_000_000_000_000

  let exchange: Exchange
  /// Every event in ledger order, as the auditor sees it.
  let events: [Cairn_V1_RecordedEvent]

  /// Some thirty batches from a seed.
  init(seed: UInt64) async throws {
    exchange = try Exchange()
    var random = SplitMix64(seed: seed)
    for batch in 0..<30 {
      let author = Party.authors.randomElement(using: &random) ?? .acmeDevice
      let records = try (0..<Int.random(in: 1...12, using: &random)).map { index in
        let salt = Data([UInt8(batch), UInt8(index)]) + Data(repeating: 3, count: 14)
        return try BatchBuilder.serialize(
          Cairn_V1_Record(event: Self.event(&random), salt: salt, visibility: .of(.public)))
      }
      try exchange.record(records, by: author)
    }
    events = try await exchange.pages(.init(), by: .auditor, size: 1_000).flatMap(\.events)
  }

  /// The events that a filter wants, found without any index.
  func matching(_ filter: Cairn_V1_EventFilter) throws -> [Cairn_V1_RecordedEvent] {
    let filter = try EventFilter(filter)
    return try events.filter { recorded in
      guard let author = KeyID(recorded.authorKeyID) else { return false }
      return filter.matches(
        try ValidatedEvent(recorded.event), ledgerTime: Instant(microseconds: recorded.ledgerTimeMicroseconds),
        author: author)
    }
  }

  /// All pages of an answer.
  func answer(_ question: Cairn_V1_QueryEventsRequest, size: Int) async throws -> [Cairn_V1_RecordedEvent] {
    var question = question
    var events: [Cairn_V1_RecordedEvent] = []
    repeat {
      question.pageSize = UInt32(size)
      let page = try await exchange.queries.queryEvents(question, by: exchange.caller(.auditor))
      events += page.events
      question.pageToken = page.nextPageToken
    } while !question.pageToken.isEmpty
    return events
  }

  /// A filter of one to three conditions.
  func filter(_ random: inout SplitMix64) -> Cairn_V1_EventFilter {
    var filter = Cairn_V1_EventFilter()
    for _ in 0..<Int.random(in: 1...3, using: &random) { add(&filter, &random) }
    return filter
  }

  private func add(_ filter: inout Cairn_V1_EventFilter, _ random: inout SplitMix64) {
    let bound = Self.base + Int64.random(in: 0..<1_000, using: &random) * 1_000_000
    switch Int.random(in: 0..<16, using: &random) {
    case 0: filter.items = [Self.item(&random), Self.item(&random)]
    case 1: filter.readPoints = [Self.place(&random)]
    case 2: filter.bizLocations = [Self.place(&random)]
    case 3: filter.places = [Self.place(&random)]
    case 4: filter.readPointsWithin = [Self.place(&random), "https://id.gs1.org/414/9521321000018"]
    case 5: filter.bizTransactions = [.with { $0.values = [Self.order(&random), Self.order(&random)] }]
    case 6: filter.transformationIds = [Self.transformation(&random)]
    case 7: filter.eventIds = [Self.eventID(&random), Self.eventID(&random)]
    case 8: filter.matchEpcs = [Self.item(&random)]
    case 9: filter.matchAnyEpcs = ["urn:epc:idpat:sgtin:9521321.000001.*", "urn:uuid:0"]
    case 10: filter.matchParentIds = [Self.item(&random)]
    case 11: filter.eventTimeFrom.microseconds = min(bound, Self.base + 500_000_000)
    case 12: filter.eventTimeBefore.microseconds = max(bound, Self.base + 500_000_001)
    case 13:
      let time = events.randomElement(using: &random)?.ledgerTimeMicroseconds ?? 0
      filter.ledgerTimeFrom.microseconds = time
      filter.ledgerTimeBefore.microseconds = time + Int64.random(in: 1...9, using: &random)
    case 14:
      filter.authorKeyIds = [
        Data(exchange.keys[Party.authors.randomElement(using: &random) ?? .acmeDevice].publicKey.id.digest.bytes)
      ]
    default:
      filter.quantities = [
        .with {
          $0.number.comparison = .greater
          $0.number.values = ["4"]
        }
      ]
    }
  }

  private static func item(_ random: inout SplitMix64) -> String { Statement.items.randomElement(using: &random) ?? "" }

  private static func place(_ random: inout SplitMix64) -> String {
    let extended = Statement.places + ["https://id.gs1.org/414/9521321000018/254/dock"]
    return extended.randomElement(using: &random) ?? ""
  }

  private static func order(_ random: inout SplitMix64) -> String {
    "urn:order:\(Int.random(in: 0..<5, using: &random))"
  }

  private static func eventID(_ random: inout SplitMix64) -> String {
    "urn:uuid:\(Int.random(in: 0..<20, using: &random))"
  }

  private static func transformation(_ random: inout SplitMix64) -> String {
    "urn:made:\(Int.random(in: 0..<3, using: &random))"
  }

  private static func event(_ random: inout SplitMix64) -> Cairn_V1_Event {
    var event = Cairn_V1_Event()
    event.eventTime.microseconds = base + Int64.random(in: 0..<1_000, using: &random) * 1_000_000
    event.eventID = eventID(&random)
    event.readPoint.id = place(&random)
    if Bool.random(using: &random) { event.bizLocation.id = place(&random) }
    if Bool.random(using: &random) {
      event.bizTransactionList.bizTransactions = (0..<2).map { _ in .with { $0.bizTransaction = order(&random) } }
    }
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      event.type = .aggregation
      event.action = .add
      event.parentID = item(&random)
      event.childEpcs.items = [item(&random)]
    case 1:
      event.type = .transformation
      event.inputEpcList.items = [item(&random)]
      event.transformationID = transformation(&random)
    default:
      event.type = .object
      event.action = .observe
      event.epcList.items = [item(&random)]
      event.quantityList.quantities = [
        .with {
          $0.epcClass = "https://id.gs1.org/01/09521321000018/10/L1"
          $0.quantity = "\(Int.random(in: 0..<9, using: &random))"
        }
      ]
    }
    return event
  }
}
