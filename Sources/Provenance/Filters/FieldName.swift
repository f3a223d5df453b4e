import Primitives
import Wire

/// The name of an extension field: as events write it, or the URI that it stands for.
struct FieldName: Hashable, Sendable {
  private let text: String
  private let isURI: Bool

  /// Nil for the empty text: any name.
  init?(_ text: String, field: String = "name") throws(Failure) {
    guard !text.isEmpty else { return nil }
    try Rules.text(field, text)
    self.text = text
    isURI = text.contains("://") || text.hasPrefix("urn:")
  }

  /// How an event with these contexts may write the name. The standard puts a `#` between namespace and local name; the
  /// namespaces of JSON-LD have their own separators, so both forms count. Of a prefix the last definition counts.
  func spellings(in contexts: [Cairn_V1_Context]) -> Set<String> {
    guard isURI else { return [text] }
    var spellings: Set<String> = [text]
    var seen: Set<String> = []
    for case .terms(let terms) in contexts.reversed().lazy.map(\.kind) {
      for term in terms.extensions.reversed() where seen.insert(term.name).inserted {
        guard let meaning = Self.meaning(term.value), text.hasPrefix(meaning) else { continue }
        let local = text.dropFirst(meaning.count)
        spellings.insert(local.isEmpty ? term.name : "\(term.name):\(local)")
        if local.first == "#" { spellings.insert("\(term.name):\(local.dropFirst())") }
      }
    }
    return spellings
  }

  /// The URI that a prefix or term stands for.
  private static func meaning(_ definition: Cairn_V1_ExtensionValue) -> String? {
    switch definition.kind {
    case .text(let uri): uri
    case .object(let object): object.extensions.last { $0.name == "@id" }?.value.text
    case .number, .boolean, .null, .list, nil: nil
    }
  }
}
