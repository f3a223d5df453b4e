import Primitives
import Wire

/// The event is part of one of these transformations.
struct TransformationCondition: EventCondition {
  private let ids: Set<String>

  /// Nil where nothing is asked.
  init?(_ field: String, _ texts: [String]) throws(Failure) {
    guard !texts.isEmpty else { return nil }
    ids = try FilterValues.names(field, texts)
  }

  func holds(for event: ValidatedEvent) -> Bool { ids.contains(event.event.transformationID) }

  var indexed: [IndexedValue]? { ids.map { .transformationID($0) } }
}
