import Primitives
import Provenance
import Wire

/// An event of a test, by a label that stays the same wherever it stands in the log.
struct StoryEvent: Sendable {
  let label: String
  var event: Cairn_V1_Event
  var ledgerTime: Instant
  var member = MemberID("acme")
  var isHidden = false
}

/// A log in memory, in the order given.
struct MemorySource: EventSource {
  let placed: [PlacedEvent]
  let labels: [EventPlace: String]
  private(set) var mentionCalls = 0
  private let hidden: Set<EventPlace>
  private let byItem: [String: [Int]]
  private let byTransformation: [String: [Int]]
  private let limit: Int

  init(_ story: [StoryEvent], limit: Int = .max) throws {
    var labels: [EventPlace: String] = [:]
    var hidden: Set<EventPlace> = []
    var byItem: [String: [Int]] = [:]
    var byTransformation: [String: [Int]] = [:]
    placed = try story.enumerated().map { index, event in
      let place = EventPlace(position: UInt64(index / 3), index: UInt32(index % 3))
      labels[place] = event.label
      if event.isHidden { hidden.insert(place) }
      let validated = try ValidatedEvent(event.event)
      for name in try Self.names(validated) { byItem[name, default: []].append(index) }
      if !event.event.transformationID.isEmpty {
        byTransformation[event.event.transformationID, default: []].append(index)
      }
      return PlacedEvent(place: place, event: validated, ledgerTime: event.ledgerTime, member: event.member)
    }
    self.labels = labels
    self.hidden = hidden
    self.byItem = byItem
    self.byTransformation = byTransformation
    self.limit = limit
  }

  private static func names(_ event: ValidatedEvent) throws -> Set<String> {
    var names = Set(event.items.map(\.canonical))
    if event.event.type == .transaction {
      for transaction in event.event.bizTransactionList.bizTransactions {
        names.insert(try Identifier(transaction.bizTransaction).canonical)
      }
    }
    return names
  }

  mutating func mentions(of items: [String]) async throws -> [Mentions] {
    mentionCalls += 1
    return items.map { answer(byItem[$0]) }
  }

  mutating func transformations(_ ids: [String]) async throws -> [Mentions] {
    ids.map { answer(byTransformation[$0]) }
  }

  private func answer(_ numbers: [Int]?) -> Mentions {
    let events = (numbers ?? []).map { placed[$0] }
    let readable = events.filter { !hidden.contains($0.place) }
    return Mentions(
      Array(readable.prefix(limit)), hidesEvents: readable.count < events.count, isCutOff: readable.count > limit)
  }
}
