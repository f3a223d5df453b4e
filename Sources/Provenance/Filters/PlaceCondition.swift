import Primitives
import Wire

/// A `WD_` parameter: a place is one of these, or inside of one by the structure of its identifier or by the parents that
/// master data states (EPCIS 2.0.1, section 8.2.7.1: direct and indirect descendants).
struct PlaceCondition: DescribedCondition {
  /// Which of an event's places is looked at.
  enum Kind: Sendable {
    case readPoint, bizLocation
  }

  /// The most places that one place is followed to.
  private static let maximumPlaceCount = 64

  let field: String
  private let kind: Kind
  /// Canonical identifiers.
  private let places: Set<String>
  /// How identifiers begin that are inside of one of them.
  private let beginnings: [String]

  /// Nil where nothing is asked.
  init?(_ kind: Kind, _ field: String, _ texts: [String]) throws(Failure) {
    guard !texts.isEmpty else { return nil }
    self.kind = kind
    self.field = field
    places = try FilterValues.identifiers(field, texts)
    beginnings = places.compactMap(Self.beginning)
  }

  /// A location number holds its extensions: docks, shelves, rooms.
  private static func beginning(inside place: String) -> String? {
    guard place.hasPrefix("https://id.gs1.org/414/"), !place.contains("/254/") else { return nil }
    return place + "/254/"
  }

  func holds(for event: ValidatedEvent) -> Bool? {
    guard let place = place(of: event) else { return false }
    return holds(place) ? true : nil
  }

  func holds(for event: ValidatedEvent, by source: inout some MasterDataSource) throws -> Bool {
    guard let place = place(of: event) else { return false }
    var rest = [place][...]
    var seen: Set<String> = [place]
    while let place = rest.popFirst() {
      if holds(place) { return true }
      for subject in (try? Identifier(place))?.subjects ?? [] where seen.count < Self.maximumPlaceCount {
        guard let data = try source.masterData(of: subject), data.kind == .place,
          let parent = try? Identifier(data.parent).canonical, seen.insert(parent).inserted
        else { continue }
        rest.append(parent)
      }
    }
    return false
  }

  private func place(of event: ValidatedEvent) -> String? { kind == .readPoint ? event.readPoint : event.bizLocation }

  private func holds(_ place: String) -> Bool {
    places.contains(place) || beginnings.contains { place.hasPrefix($0) }
  }
}
