import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import SeededRandom
import SwiftProtobuf
import Wire

/// A ledger full of random packing, making and selling by several members, and the same events as a list.
struct Journey {
  /// An event of the list.
  struct Entry {
    let placed: PlacedEvent
    let author: Party
    let visibility: Cairn_V1_Visibility?
    let record: Data

    func isReadable(by party: Party) -> Bool {
      var statement = Statement(about: "", visibility)
      statement.visibility = visibility
      return statement.isReadable(by: party, author: author)
    }
  }

  static let items = (0..<9).map { "https://id.gs1.org/01/09521321000018/21/J\($0)" }
  static let papers = ["urn:epcglobal:cbv:bt:9521321000001:PO-1", "urn:epcglobal:cbv:bt:9521321000001:PO-2"]
  private static let runs = ["", "urn:uuid:run-1", "urn:uuid:run-2"]
  private static let start: Int64 = 1_780_000_000_000_000

  let exchange: Exchange
  private(set) var entries: [Entry] = []

  /// Some 25 batches from a seed.
  init(seed: UInt64, eventsAtMost: Int = 4) throws {
    exchange = try Exchange()
    var random = SplitMix64(seed: seed)
    for _ in 0..<25 {
      let author = Party.authors.randomElement(using: &random) ?? .acmeDevice
      let statements = (0..<Int.random(in: 1...eventsAtMost, using: &random)).map { _ in
        (Self.event(using: &random), Statement(using: &random).visibility)
      }
      try record(statements, by: author)
    }
  }

  /// Records events in one batch.
  mutating func record(_ statements: [(Cairn_V1_Event, Cairn_V1_Visibility?)], by author: Party) throws {
    let records = try statements.enumerated().map { number, statement in
      let salt =
        withUnsafeBytes(of: UInt64(entries.count + number).bigEndian) { Data($0) } + Data(repeating: 5, count: 8)
      return try BatchBuilder.serialize(Cairn_V1_Record(event: statement.0, salt: salt, visibility: statement.1))
    }
    let position = try exchange.record(records, by: author)
    let member = MemberID(author.member)
    for (index, (event, visibility)) in statements.enumerated() {
      let placed = PlacedEvent(
        place: EventPlace(position: position, index: UInt32(index)), event: try ValidatedEvent(event),
        ledgerTime: Instant(microseconds: Exchange.start.microseconds + Int64(position)), member: member)
      entries.append(Entry(placed: placed, author: author, visibility: visibility, record: records[index]))
    }
  }

  /// The events as a list of what a party may read.
  func source(for party: Party) -> ListedEvents { ListedEvents(entries.map { ($0.placed, $0.isReadable(by: party)) }) }

  /// Some event.
  private static func event(using random: inout SplitMix64) -> Cairn_V1_Event {
    var event = Cairn_V1_Event()
    event.eventTime.microseconds = start + Int64.random(in: 0..<40, using: &random) * 1_000_000
    event.readPoint.id = Statement.places.randomElement(using: &random) ?? ""
    var some = items.shuffled(using: &random).prefix(4)
    switch Int.random(in: 0..<5, using: &random) {
    case 0:
      event.type = .transformation
      event.inputEpcList.items = Array(some.prefix(2))
      event.outputEpcList.items = Array(some.suffix(1))
      event.transformationID = runs.randomElement(using: &random) ?? ""
    case 1, 2:
      event.type = Bool.random(using: &random) ? .aggregation : .association
      event.action = [.add, .add, .observe, .delete].randomElement(using: &random) ?? .add
      event.parentID = some.removeFirst()
      event.childEpcs.items = Array(some.prefix(Int.random(in: 1...2, using: &random)))
    case 3:
      event.type = .transaction
      event.action = [.add, .add, .observe, .delete].randomElement(using: &random) ?? .add
      event.bizTransactionList.bizTransactions = [
        .with { $0.bizTransaction = papers.randomElement(using: &random) ?? "" }
      ]
      event.epcList.items = event.action == .delete && Bool.random(using: &random) ? [] : Array(some.prefix(2))
    default:
      event.type = .object
      if Bool.random(using: &random) {
        event.bizTransactionList.bizTransactions = [.with { $0.bizTransaction = papers[0] }]
      }
      event.action = .observe
      event.epcList.items = Array(some.prefix(2))
      event.eventID = "urn:uuid:\(Int.random(in: 0..<6, using: &random))"
      if Int.random(in: 0..<5, using: &random) == 0 {
        event.errorDeclaration.declarationTime = "2026-06-01T00:00:00Z"
      }
    }
    return event
  }
}

/// Events in a list, some of which are not to be read.
struct ListedEvents: EventSource {
  private let events: [(placed: PlacedEvent, isReadable: Bool)]

  init(_ events: [(PlacedEvent, Bool)]) { self.events = events }

  func mentions(of items: [String]) -> [Mentions] {
    items.map { item in
      found { event in
        event.items.contains { $0.canonical == item }
          || event.event.type == .transaction && event.bizTransactions.contains(item)
      }
    }
  }

  func transformations(_ ids: [String]) -> [Mentions] {
    ids.map { id in found { $0.event.type == .transformation && $0.event.transformationID == id } }
  }

  private func found(_ matches: (ValidatedEvent) -> Bool) -> Mentions {
    let all = events.filter { matches($0.placed.event) }
    return Mentions(all.filter(\.isReadable).map(\.placed), hidesEvents: all.contains { !$0.isReadable })
  }
}
