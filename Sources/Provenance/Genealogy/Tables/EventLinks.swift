import Primitives
import Wire

/// What one event joins: everything below with everything above.
struct EventLinks {
  let kind: TraceEdge.Kind
  let action: Cairn_V1_Action
  /// Children, the objects of a transaction, or inputs.
  let below: [Int]
  /// The parent, the transactions, or outputs.
  let above: [Int]
  /// The parent that a transaction event names, which is also one of those below.
  let carrier: Int?
  /// What quantity lists say of those below.
  let quantitiesBelow: [Int: [TraceQuantity]]
  /// What quantity lists say of those above.
  let quantitiesAbove: [Int: [TraceQuantity]]

  /// Ends all links of its kind to what is above.
  var endsAll: Bool { action == .delete && below.isEmpty }

  /// Nil where the event joins nothing.
  init?(_ validated: ValidatedEvent, _ names: inout NameTable) {
    let event = validated.event
    guard let kind = Self.kind(of: event.type) else { return nil }
    self.kind = kind
    action = event.action
    var below: [Int] = []
    var above: [Int] = []
    var parent: Int?
    for item in validated.items {
      let name = names.number(of: item.canonical)
      switch item.role {
      case .object, .child, .input: below.append(name)
      case .output: above.append(name)
      case .parent: parent = name
      }
    }
    if kind == .transacted {
      if let parent { below.append(parent) }
      carrier = parent
      above = Self.transactions(of: event, &names)
    } else {
      carrier = nil
      if let parent { above.append(parent) }
    }
    self.below = Self.unique(below)
    self.above = Self.unique(above)
    quantitiesBelow = Self.quantities(validated, below: true, names)
    quantitiesAbove = Self.quantities(validated, below: false, names)
  }

  private static func kind(of type: Cairn_V1_EventType) -> TraceEdge.Kind? {
    switch type {
    case .aggregation: .contained
    case .association: .associated
    case .transformation: .transformed
    case .transaction: .transacted
    case .object, .unspecified, .UNRECOGNIZED: nil
    }
  }

  private static func transactions(of event: Cairn_V1_Event, _ names: inout NameTable) -> [Int] {
    event.bizTransactionList.bizTransactions.compactMap {
      // A validated event has well-formed transactions only.
      guard let identifier = try? Identifier($0.bizTransaction) else { return nil }
      return names.number(of: identifier.canonical)
    }
  }

  private static func unique(_ list: [Int]) -> [Int] {
    guard list.count > 1 else { return list }
    var seen: Set<Int> = []
    return list.filter { seen.insert($0).inserted }
  }

  private static func quantities(
    _ validated: ValidatedEvent, below: Bool, _ names: borrowing NameTable
  ) -> [Int: [TraceQuantity]] {
    guard validated.items.contains(where: \.isQuantity) else { return [:] }
    let event = validated.event
    let lists =
      below
      ? [event.quantityList, event.childQuantityList, event.inputQuantityList] : [event.outputQuantityList]
    var quantities: [Int: [TraceQuantity]] = [:]
    for quantity in lists.flatMap(\.quantities) {
      guard let identifier = try? Identifier(quantity.epcClass), let name = names[identifier.canonical] else {
        continue
      }
      quantities[name, default: []].append(TraceQuantity(number: quantity.quantity, uom: quantity.uom))
    }
    return quantities
  }
}

/// Identifiers by numbers.
struct NameTable {
  private(set) var texts: [String] = []
  private var numbers: [String: Int] = [:]

  subscript(text: String) -> Int? { numbers[text] }

  mutating func number(of text: String) -> Int {
    if let number = numbers[text] { return number }
    let number = texts.count
    numbers[text] = number
    texts.append(text)
    return number
  }
}
