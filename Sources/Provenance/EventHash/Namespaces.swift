import Wire

/// What the prefixes and terms in an event stand for: what its contexts define, over what GS1's own context defines.
struct Namespaces {
  /// Prefixes of GS1's context that names may have, besides that of the web vocabulary.
  static let standard = [
    "epcis": "https://ref.gs1.org/epcis/", "cbv": "https://ref.gs1.org/cbv/", "cbvmda": "urn:epcglobal:cbv:mda:",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#", "dcterms": "http://purl.org/dc/terms/",
  ]
  /// Those that values may have.
  private static let standardOfValues: Set<String> = ["epcis", "cbv", "gs1"]

  private var defined: [String: String] = [:]
  /// Where words of the GS1 web vocabulary and the prefix `gs1` lead.
  let webVocabulary: String

  init(_ contexts: [Cairn_V1_Context], webVocabulary: PreHash.WebVocabulary) {
    self.webVocabulary = webVocabulary.rawValue
    for context in contexts {
      guard case .terms(let terms) = context.kind else { continue }
      for term in terms.extensions { defined[term.name] = Self.definition(term.value) }
    }
  }

  private static func definition(_ value: Cairn_V1_ExtensionValue) -> String? {
    switch value.kind {
    case .text(let iri): iri
    case .object(let object): object.extensions.first { $0.name == "@id" }.flatMap { definition($0.value) }
    default: nil
    }
  }

  /// A value whose prefix is defined as the full URI; any other as it is.
  func expanded(_ text: String) -> String {
    guard let (prefix, rest) = Self.split(text) else { return text }
    guard let namespace = defined[prefix] ?? (Self.standardOfValues.contains(prefix) ? standard(prefix) : nil) else {
      return text
    }
    return namespace + rest
  }

  private func standard(_ prefix: String) -> String? { prefix == "gs1" ? webVocabulary : Self.standard[prefix] }

  /// The name of a property with its namespace in braces; a name without one as it is.
  func fullName(of name: String) -> String {
    guard !name.hasPrefix("@") else { return name }
    if let (prefix, rest) = Self.split(name) {
      return (defined[prefix] ?? standard(prefix)).map { "{\($0)}\(rest)" } ?? name
    }
    if name.utf8.contains(UInt8(ascii: ":")) { return Self.braced(name) }
    if let iri = defined[name] { return Self.braced(expanded(iri)) }
    if let vocabulary = defined["@vocab"], !["type", "id"].contains(name) { return "{\(vocabulary)}\(name)" }
    return name
  }

  /// A URI with all of it but its last part in braces.
  private static func braced(_ uri: String) -> String {
    let end = uri.utf8.lastIndex { [UInt8(ascii: "#"), UInt8(ascii: "/")].contains($0) }
    guard let end, uri.utf8.index(after: end) < uri.utf8.endIndex else { return uri }
    return "{\(uri[...end])}\(uri[uri.utf8.index(after: end)...])"
  }

  /// What stands before and behind the first colon; nil where there is none or a URI with `//` follows.
  private static func split(_ text: String) -> (prefix: String, rest: Substring)? {
    guard let colon = text.utf8.prefix(64).firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let rest = text[text.utf8.index(after: colon)...]
    guard !rest.utf8.starts(with: "//".utf8) else { return nil }
    return (String(text[..<colon]), rest)
  }
}
