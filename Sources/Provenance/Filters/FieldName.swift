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
  /// namespaces of JSON-LD have their own separators, so both forms count. Of a prefix the last definition counts; what the
  /// event does not define has the meaning that GS1's own context gives it.
  func spellings(in contexts: [Cairn_V1_Context]) -> Set<String> {
    guard isURI else { return [text] }
    var spellings: Set<String> = [text]
    var seen: Set<String> = []
    for case .terms(let terms) in contexts.reversed().lazy.map(\.kind) {
      for term in terms.extensions.reversed() where seen.insert(term.name).inserted {
        guard let meaning = Self.meaning(term.value) else { continue }
        spellings.formUnion(self.spellings(term.name, meaning))
      }
    }
    let addresses = PreHash.WebVocabulary.allCases.map { (key: "gs1", value: $0.rawValue) }
    for (prefix, meaning) in Array(Namespaces.standard) + addresses where !seen.contains(prefix) {
      spellings.formUnion(self.spellings(prefix, meaning))
    }
    return spellings
  }

  /// How the name is written with a prefix or term that stands for a URI. In XML namespaces of the CBV do not end in `:`.
  private func spellings(_ term: String, _ meaning: String) -> [String] {
    if text.hasPrefix(meaning) {
      let local = text.dropFirst(meaning.count)
      if local.first == "#" { return ["\(term):\(local)", "\(term):\(local.dropFirst())"] }
      return [local.isEmpty ? term : "\(term):\(local)"]
    }
    let bare = meaning.dropLast() + "#"
    return meaning.last == ":" && text.hasPrefix(bare) ? ["\(term):\(text.dropFirst(bare.count))"] : []
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
