import Provenance
package import Wire

/// The way that an item's events tell of, from one place whose coordinates are known to the next.
package struct Journey: Sendable {
  /// From one place to another.
  package struct Leg: Sendable {
    /// Along the great circle, in kilometres.
    package let kilometres: Double
    /// Name or code of the place left.
    package let from: String

    /// For example `412 km from Press hall, Beja PT`.
    package var words: String { "\(GeoPoint.words(kilometres: kilometres)) from \(from)" }
  }

  private let names: SubjectNames
  private var last: (point: GeoPoint, words: String)?
  /// How often the place changed.
  package private(set) var legs = 0
  /// Of all legs, in kilometres.
  package private(set) var kilometres = 0.0

  /// Nobody has moved yet.
  package init(_ names: SubjectNames) { self.names = names }

  /// Goes on to where the event took place, else to where its items are afterwards; nil where that is not known, and where
  /// it is the place of the last event.
  package mutating func leg(to event: Cairn_V1_Event) -> Leg? {
    for place in [event.readPoint.id, event.bizLocation.id] where !place.isEmpty {
      guard let point = names.location(of: place) else { continue }
      let before = last
      last = (point, names.name(of: place) ?? place)
      guard let before, before.point != point else { return nil }
      let leg = Leg(kilometres: before.point.kilometres(to: point), from: before.words)
      legs += 1
      kilometres += leg.kilometres
      return leg
    }
    return nil
  }

  /// The whole way in words; nil where nothing moved.
  package var words: String? {
    guard legs > 0 else { return nil }
    return "\(GeoPoint.words(kilometres: kilometres)) over \(legs.counted("leg")), as the crow flies"
  }
}
