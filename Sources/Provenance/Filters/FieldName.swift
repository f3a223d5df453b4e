import Primitives
import Wire

/// The name of an extension field: as events write it, or the URI that it stands for.
struct FieldName: Hashable, Sendable {
  private let text: String
  private let isURI: Bool

  /// Nil for the empty text: any name.
  init?(_ text: String) throws(Failure) {
    guard !text.isEmpty else { return nil }
    try Rules.text("name", text)
    self.text = text
    isURI = text.contains("://") || text.hasPrefix("urn:")
  }

  /// Whether a field is meant that an event with these contexts calls `name`. The standard puts a `#` between namespace
  /// and local name; the namespaces of JSON-LD have their own separators, so both forms count.
  func matches(_ name: String, in contexts: [Cairn_V1_Context]) -> Bool {
    if name == text { return true }
    guard isURI else { return false }
    guard let colon = name.firstIndex(of: ":") else { return Self.meaning(of: name, in: contexts) == text }
    guard let namespace = Self.meaning(of: String(name[..<colon]), in: contexts), text.hasPrefix(namespace) else {
      return false
    }
    let local = name[name.index(after: colon)...]
    let rest = text.dropFirst(namespace.count)
    return rest == local || (rest.first == "#" && rest.dropFirst() == local)
  }

  /// What a prefix or term stands for; the last context that defines it says so.
  private static func meaning(of term: String, in contexts: [Cairn_V1_Context]) -> String? {
    for case .terms(let terms) in contexts.reversed().lazy.map(\.kind) {
      guard let definition = terms.extensions.last(where: { $0.name == term })?.value else { continue }
      switch definition.kind {
      case .text(let uri): return uri
      case .object(let object): return object.extensions.last { $0.name == "@id" }?.value.text
      default: return nil
      }
    }
    return nil
  }
}
