package import Provenance
package import Wire

/// Names and places of what events name, as far as somebody describes it.
package struct SubjectNames: Sendable {
  /// Nothing is described.
  package static let none = SubjectNames([])

  /// The most things that stand inside one another and are followed.
  private static let depth = 8

  private let entries: [String: Cairn_V1_MasterData]

  /// Takes what came with an answer.
  package init(_ entries: [Cairn_V1_MasterDataEntry]) {
    self.entries = Dictionary(
      entries.map { ($0.subject, $0.shown.masterData) }, uniquingKeysWith: { first, _ in first })
  }

  /// For example `Gate 3, Alpenkost distribution centre, Zürich CH`, or `Alpenkost AG`; nil for what nobody describes.
  package func name(of text: String) -> String? {
    let chain = chain(of: text)
    guard let data = chain.first else { return nil }
    let name = data.names.first?.text ?? ""
    guard data.kind == .place else { return name }
    let site = chain.dropFirst().first?.names.first?.text ?? ""
    let city = chain.first { $0.hasAddress }?.address.cityWords ?? ""
    return [name, site, city].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// The name, if there is one, and the code as it was written.
  package func words(for text: String) -> String { name(of: text).map { "\($0) · \(text)" } ?? text }

  /// The name, if there is one, and the code, as short as can be.
  func label(_ text: String) -> String {
    let code = ItemName.short((try? Identifier(text))?.canonical ?? text)
    return name(of: text).map { "\($0) · \(code)" } ?? code
  }

  /// Where a place is: by its own description, that of what it is a part of, or because it is a geo URI (RFC 5870).
  package func location(of text: String) -> GeoPoint? {
    if let point = GeoPoint(uri: text) { return point }
    for data in chain(of: text) where data.hasLocation {
      return try? GeoPoint(latitude: data.location.latitude, longitude: data.location.longitude)
    }
    return nil
  }

  /// What describes it, the closest first.
  private func chain(of text: String) -> [Cairn_V1_MasterData] {
    if entries.isEmpty { return [] }
    var chain: [Cairn_V1_MasterData] = []
    var seen: Set<String> = []
    var rest = ((try? Identifier(text))?.subjects ?? [])[...]
    while chain.count < Self.depth, let subject = rest.popFirst() {
      guard seen.insert(subject).inserted, let data = entries[subject] else { continue }
      chain.append(data)
      if let parent = try? Identifier(data.parent) { rest.append(parent.canonical) }
    }
    return chain
  }
}

extension Cairn_V1_PostalAddress {
  /// For example `Beja PT`.
  var cityWords: String { [city, country].filter { !$0.isEmpty }.joined(separator: " ") }

  /// On one line.
  var words: String {
    let town = [postalCode, city].filter { !$0.isEmpty }.joined(separator: " ")
    return (street + [town, region, country]).filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
