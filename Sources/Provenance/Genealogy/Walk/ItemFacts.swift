import Primitives
import Wire

/// What events say of an item, the later ones over the earlier ones.
struct ItemFacts {
  private(set) var place: StatedPlace?
  private(set) var disposition: StatedValue?
  private(set) var possessor: StatedValue?
  private(set) var owner: StatedValue?
  private(set) var lastMember: MemberID?
  private(set) var createdBy: TraceEvent?
  private(set) var endedBy: TraceEvent?
  private var persistent: [String: StatedValue] = [:]
  private var terms: [(quantity: TraceQuantity, isNegated: Bool)] = []
  private var hasBeginning = false

  var persistentDispositions: [StatedValue] { persistent.values.sorted { $0.value < $1.value } }

  /// What came in less what went out; empty where nothing came in, a number is missing or more went out.
  var quantities: [TraceQuantity] {
    guard hasBeginning, let balance = Amount.sum(terms)?.quantities else { return [] }
    return balance.contains { ExactNumber($0.number)?.isNegative != false } ? [] : balance
  }

  /// Takes the next event, in their order.
  mutating func add(_ shared: SharedEvent, of item: String) {
    guard shared.traced.standing == .effective else { return }
    let validated = shared.placed.event
    lastMember = shared.placed.member
    addPlace(validated, shared)
    if shared.holdsAfterwards { addDispositions(validated, shared.traced) }
    possessor = Self.party("possessing_party", validated.event, shared.traced) ?? possessor
    owner = Self.party("owning_party", validated.event, shared.traced) ?? owner
    addBeginningAndEnd(validated, shared.traced, item)
  }

  private mutating func addPlace(_ validated: ValidatedEvent, _ shared: SharedEvent) {
    if shared.holdsAfterwards, let id = validated.bizLocation {
      place = StatedPlace(id: id, isReadPoint: false, event: shared.traced)
    } else if let id = validated.readPoint {
      place = StatedPlace(id: id, isReadPoint: true, event: shared.traced)
    }
  }

  private mutating func addDispositions(_ validated: ValidatedEvent, _ traced: TraceEvent) {
    if let value = validated.disposition { disposition = StatedValue(value: value, event: traced) }
    for value in Self.values(validated.event.persistentDisposition.unset) { persistent[value] = nil }
    for value in Self.values(validated.event.persistentDisposition.set) {
      persistent[value] = StatedValue(value: value, event: traced)
    }
  }

  private mutating func addBeginningAndEnd(_ validated: ValidatedEvent, _ traced: TraceEvent, _ item: String) {
    var begins = false
    var ends = false
    for mention in validated.items where mention.canonical == item {
      guard let begin = Self.begins(mention.role, validated.event) else { continue }
      if mention.isQuantity { addTerms(validated.event, item, begin: begin) }
      if begin { begins = true } else if !mention.isQuantity { ends = true }
    }
    if begins {
      createdBy = createdBy ?? traced
      endedBy = nil
    } else if ends {
      endedBy = traced
    }
  }

  /// Whether an event brings forth what it names in a role, or uses it up; nil where it does neither.
  private static func begins(_ role: MentionedItem.Role, _ event: Cairn_V1_Event) -> Bool? {
    switch (role, event.type, event.action) {
    case (.output, _, _), (.object, .object, .add): true
    case (.input, _, _), (.object, .object, .delete): false
    default: nil
    }
  }

  private mutating func addTerms(_ event: Cairn_V1_Event, _ item: String, begin: Bool) {
    hasBeginning = hasBeginning || begin
    let list =
      event.type == .object
      ? event.quantityList : begin ? event.outputQuantityList : event.inputQuantityList
    for quantity in list.quantities where (try? Identifier(quantity.epcClass))?.canonical == item {
      terms.append((TraceQuantity(number: quantity.quantity, uom: quantity.uom), !begin))
    }
  }

  private static func values(_ list: Cairn_V1_TextList) -> [String] {
    // A validated event has values of the vocabulary only.
    list.values.compactMap { try? Vocabulary.canonical($0, of: .disposition) }
  }

  /// The destination of a type, else the source.
  private static func party(_ word: String, _ event: Cairn_V1_Event, _ traced: TraceEvent) -> StatedValue? {
    let wanted = try? Vocabulary.canonical(word, of: .sourceDestinationType)
    let destination = event.destinationList.destinations.first {
      (try? Vocabulary.canonical($0.type, of: .sourceDestinationType)) == wanted
    }
    let source = event.sourceList.sources.first {
      (try? Vocabulary.canonical($0.type, of: .sourceDestinationType)) == wanted
    }
    guard let party = destination?.destination ?? source?.source, let identifier = try? Identifier(party) else {
      return nil
    }
    return StatedValue(value: identifier.canonical, event: traced)
  }
}
