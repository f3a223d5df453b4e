import Primitives

/// A `WD_` parameter: a place is one of these, or inside of one by the structure of its identifier.
struct PlaceCondition: EventCondition {
  /// Which of an event's places is looked at.
  enum Kind: Sendable {
    case readPoint, bizLocation
  }

  private let kind: Kind
  /// Canonical identifiers.
  private let places: Set<String>
  /// How identifiers begin that are inside of one of them.
  private let beginnings: [String]

  /// Nil where nothing is asked.
  init?(_ kind: Kind, _ field: String, _ texts: [String]) throws(Failure) {
    guard !texts.isEmpty else { return nil }
    self.kind = kind
    places = try FilterValues.identifiers(field, texts)
    beginnings = places.compactMap(Self.beginning)
  }

  /// A location number holds its extensions: docks, shelves, rooms.
  private static func beginning(inside place: String) -> String? {
    guard place.hasPrefix("https://id.gs1.org/414/"), !place.contains("/254/") else { return nil }
    return place + "/254/"
  }

  func holds(for event: ValidatedEvent) -> Bool {
    let place = kind == .readPoint ? event.readPoint : event.bizLocation
    guard let place else { return false }
    return places.contains(place) || beginnings.contains { place.hasPrefix($0) }
  }

  var indexed: [IndexedValue]? {
    guard beginnings.isEmpty else { return nil }
    return places.map { kind == .readPoint ? .readPoint($0) : .bizLocation($0) }
  }
}
