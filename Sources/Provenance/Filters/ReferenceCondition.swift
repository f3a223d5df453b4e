import Primitives
import Wire

/// Some business transaction, source or destination of the event has this type and is one of these.
struct ReferenceCondition: EventCondition {
  /// Which list of the event is looked at.
  enum List: Sendable {
    case bizTransactions, sources, destinations
  }

  private let list: List
  /// Canonical; nil for any.
  private let type: String?
  /// Canonical identifiers.
  private let values: Set<String>

  init(_ list: List, _ wire: Cairn_V1_ReferenceCondition) throws(Failure) {
    self.list = list
    let vocabulary = list.types
    type = wire.type.isEmpty ? nil : try Rules.value("type", wire.type, of: vocabulary)
    guard !wire.values.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "values", "is empty: name at least one identifier or URI")
    }
    values = try FilterValues.identifiers("values", wire.values)
  }

  func holds(for event: ValidatedEvent) -> Bool {
    let wire = event.event
    return switch list {
    case .bizTransactions:
      wire.hasBizTransactionList
        && wire.bizTransactionList.bizTransactions.contains { holds($0.type, $0.bizTransaction) }
    case .sources: wire.hasSourceList && wire.sourceList.sources.contains { holds($0.type, $0.source) }
    case .destinations:
      wire.hasDestinationList && wire.destinationList.destinations.contains { holds($0.type, $0.destination) }
    }
  }

  private func holds(_ type: String, _ text: String) -> Bool {
    if let wanted = self.type, (try? Vocabulary.canonical(type, of: list.types)) != wanted { return false }
    return (try? Identifier(text).canonical).map(values.contains) == true
  }

  var indexed: [IndexedValue]? { list == .bizTransactions ? values.map { .bizTransaction($0) } : nil }
}

extension ReferenceCondition.List {
  var types: Vocabulary { self == .bizTransactions ? .bizTransactionType : .sourceDestinationType }
}
