import Primitives
import Provenance
import SeededRandom
import SwiftProtobuf
import Wire

/// Events about few things in a short time, so that much collides; times are seconds from 0 to 19.
struct RandomStory {
  static let items = (0..<7).map { "item:\($0)" }
  static let places = ["@gate", "@yard"].map(StoryVerbs.identifier)
  static let transactions = ["po:1", "po:2"]
  static let names = items + places + transactions
  static let duration = 20

  private(set) var events: [StoryEvent] = []
  private var generator: SplitMix64

  init(seed: UInt64, count: Int) {
    generator = SplitMix64(seed: seed)
    for number in 0..<count { events.append(next(number)) }
  }

  private mutating func next(_ number: Int) -> StoryEvent {
    if chance(12), let wrong = events.filter({ !$0.event.hasErrorDeclaration }).randomElement(using: &generator) {
      return declaration(of: wrong, number)
    }
    var event = Cairn_V1_Event()
    event.eventID = "event:\(number)"
    event.eventTime.microseconds = Int64(random(Self.duration)) * 1_000_000
    switch random(10) {
    case 0: fillObject(&event)
    case 1...4: fillAggregation(&event)
    case 5: fillAssociation(&event)
    case 6: fillTransaction(&event)
    default: fillTransformation(&event)
    }
    return StoryEvent(
      label: "e\(number)", event: event, ledgerTime: Instant(microseconds: Int64(random(Self.duration)) * 1_000_000),
      member: MemberID(chance(3) ? "rival" : "acme"))
  }

  private mutating func declaration(of wrong: StoryEvent, _ number: Int) -> StoryEvent {
    var story = StoryEvent(label: "e\(number)", event: wrong.event, ledgerTime: wrong.ledgerTime, member: wrong.member)
    story.event.errorDeclaration.declarationTime = "2026-01-01T00:00:00Z"
    story.event.errorDeclaration.reason = "urn:reason:\(number)"
    if chance(4) { story.member = MemberID("stranger") }
    if chance(4) { story.event.eventTime.microseconds = Int64(random(Self.duration)) * 1_000_000 }
    return story
  }

  private mutating func fillObject(_ event: inout Cairn_V1_Event) {
    event.type = .object
    event.action = [.add, .observe, .delete][random(3)]
    event.epcList.items = some(Self.items, 3)
  }

  private mutating func fillAggregation(_ event: inout Cairn_V1_Event) {
    event.type = .aggregation
    event.action = [.add, .add, .observe, .delete][random(4)]
    event.parentID = some(Self.items, 1)[0]
    if event.action != .delete || !chance(3) { event.childEpcs.items = some(Self.items, 3) }
  }

  private mutating func fillAssociation(_ event: inout Cairn_V1_Event) {
    fillAggregation(&event)
    event.type = .association
    if chance(2) { event.parentID = some(Self.places, 1)[0] }
  }

  private mutating func fillTransaction(_ event: inout Cairn_V1_Event) {
    event.type = .transaction
    event.action = [.add, .add, .observe, .delete][random(4)]
    event.bizTransactionList.bizTransactions = some(Self.transactions, 2).map { id in
      .with { $0.bizTransaction = id }
    }
    if event.action != .delete || !chance(3) { event.epcList.items = some(Self.items, 2) }
    if chance(3) { event.parentID = some(Self.items, 1)[0] }
  }

  private mutating func fillTransformation(_ event: inout Cairn_V1_Event) {
    event.type = .transformation
    event.inputEpcList.items = some(Self.items, 2)
    event.outputEpcList.items = some(Self.items, 2)
    guard chance(2) else { return }
    event.transformationID = ["batch:1", "batch:2", "batch:3"][random(3)]
    switch random(3) {
    case 0: event.clearInputEpcList()
    case 1: event.clearOutputEpcList()
    default: break
    }
  }

  mutating func random(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

  /// Once in so many times.
  mutating func chance(_ count: Int) -> Bool { random(count) == 0 }

  mutating func shuffled() -> [StoryEvent] { events.shuffled(using: &generator) }

  private mutating func some(_ names: [String], _ most: Int) -> [String] {
    (0...random(most)).map { _ in names[random(names.count)] }
  }
}
