/// A condition on what an event says, all its spellings understood.
protocol EventCondition: Sendable {
  /// Whether the event meets it.
  func holds(for event: ValidatedEvent) -> Bool
  /// Values of which every event that meets it has at least one; nil where no index knows them.
  var indexed: [IndexedValue]? { get }
}

extension EventCondition {
  var indexed: [IndexedValue]? { nil }
}

/// Something by which events can be found without looking at all of them.
package enum IndexedValue: Hashable, Sendable {
  /// An item or class in any part of the event, by canonical identifier.
  case item(String)
  /// A read point by canonical identifier.
  case readPoint(String)
  /// A business location by canonical identifier.
  case bizLocation(String)
  /// An EPCIS event id as written.
  case eventID(String)
  /// A business transaction by canonical identifier.
  case bizTransaction(String)
  /// A transformation id as written.
  case transformationID(String)
}
