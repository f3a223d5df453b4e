import Ledger
import Provenance
import Wire

/// What names are looked for in events.
enum Naming {
  /// Items, lots, classes, parents and places in any role, and the business transactions of transaction events, by canonical
  /// identifier.
  case items
  /// Transformations, by transformationID as written.
  case transformations

  /// Under what the index leads to the events that have a name.
  func terms(of name: String) -> [UInt64] {
    switch self {
    case .items:
      TraceNames.isGoods(name)
        ? [Term.item(name).rawValue] : [Term.item(name).rawValue, Term.bizTransaction(name).rawValue]
    case .transformations: [Term.transformationID(name).rawValue]
    }
  }

  /// Hands every name of an event to `visit`; some come twice.
  func names(of event: ValidatedEvent, _ visit: (String) -> Void) {
    switch self {
    case .items: TraceNames.things(of: event, visit)
    case .transformations: TraceNames.transformation(of: event).map(visit)
    }
  }
}

/// What events say of the names that are looked for. What the index finds may not have a name after all: the events decide.
struct Gathering {
  private let naming: Naming
  private var found: [String: Mentions]

  init(_ names: [String], _ naming: Naming) {
    self.naming = naming
    found = Dictionary(names.map { ($0, Mentions()) }, uniquingKeysWith: { first, _ in first })
  }

  /// Takes the next event, in the order of the log; tells whether it has any of the names.
  mutating func add(_ event: PlacedEvent) -> Bool {
    var isWanted = false
    naming.names(of: event.event) { name in
      guard let index = found.index(forKey: name) else { return }
      isWanted = true
      if found.values[index].events.last?.place == event.place || found.values[index].isCutOff { return }
      if found.values[index].events.count == LedgerEventSource.maximumEvents {
        found.values[index].isCutOff = true
      } else {
        found.values[index].events.append(event)
      }
    }
    return isWanted
  }

  /// Takes note of an event that is not to be read.
  mutating func hide(_ event: ValidatedEvent) {
    naming.names(of: event) { name in
      if let index = found.index(forKey: name) { found.values[index].hidesEvents = true }
    }
  }

  /// Takes what was found of other names.
  mutating func add(_ other: Gathering) { found.merge(other.found) { own, _ in own } }

  /// Says that there is more of a name than is given.
  mutating func cutOff(_ name: String) { found[name]?.isCutOff = true }

  /// Whether there is more of a name than is given.
  func isCutOff(_ name: String) -> Bool { found[name]?.isCutOff ?? false }

  /// What was found of the names, in that order.
  func mentions(of names: some Sequence<String>) -> [Mentions] { names.map { found[$0] ?? Mentions() } }
}
