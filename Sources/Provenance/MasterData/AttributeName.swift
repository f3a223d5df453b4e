import Primitives
import SwiftProtobuf
import Wire

/// The name of an attribute of master data. What `MasterData` has fields for answers to the names that files give it.
struct AttributeName: Sendable {
  private static let ownPrefix = "cairn:"

  /// As attributes are compared: CBV's begin with `cbvmda:`.
  private let spellings: Set<String>
  /// CBV's word, or what may be one.
  private let word: String?
  /// The word behind `cairn:`, or what may be one.
  private let ownWord: String?

  /// A CURIE, a URI or a bare word, which means CBV's attribute, `cairn:`'s, or one that is called just so.
  init(_ text: String) throws(Failure) {
    guard !text.isEmpty else { throw .malformed("MISSING_FIELD", field: "", "is empty: an attribute has a name") }
    try Rules.text("", text)
    let isBare = !text.contains(":")
    word = isBare ? text : CBVAttribute.word(of: text)
    ownWord = isBare ? text : text.hasPrefix(Self.ownPrefix) ? String(text.dropFirst(Self.ownPrefix.count)) : nil
    spellings = isBare ? [text, CBVAttribute.prefix + text] : [Self.canonical(text)]
  }

  private static func canonical(_ name: String) -> String {
    CBVAttribute.word(of: name).map { CBVAttribute.prefix + $0 } ?? name
  }

  /// What a description says under that name; nothing where it has no such attribute, or a null one.
  func values(in data: Cairn_V1_MasterData) -> [Cairn_V1_ExtensionValue] {
    let stated = data.attributes.filter { spellings.contains(Self.canonical($0.name)) }.map(\.value)
    let texts = (word.map(data.texts) ?? []) + (ownWord.map(data.ownTexts) ?? [])
    return stated.filter { !$0.isNull } + texts.filter { !$0.isEmpty }.map { text in .with { $0.text = text } }
  }
}

extension Cairn_V1_MasterData {
  /// The fields of CBV's attributes, as `MasterDataReader` reads them.
  fileprivate func texts(_ word: String) -> [String] {
    switch word {
    case "name": names.map(\.text)
    case "streetAddressOne": Array(address.street.prefix(1))
    case "streetAddressTwo": Array(address.street.dropFirst().prefix(1))
    case "streetAddressThree": Array(address.street.dropFirst(2).prefix(1))
    case "city": [address.city]
    case "state": [address.region]
    case "postalCode": [address.postalCode]
    case "countryCode": [address.country]
    case "latitude": [location.latitude]
    case "longitude": [location.longitude]
    default: []
    }
  }

  /// The fields for which CBV has no attribute.
  fileprivate func ownTexts(_ word: String) -> [String] {
    switch word {
    case "gln": [gln.isEmpty ? (try? Identifier(subject))?.gln.map(String.init) ?? "" : gln]
    case "partOf": [parent, (try? Identifier(parent))?.canonical ?? ""]
    case "validFrom": validFromMicroseconds == 0 ? [] : ["\(Instant(microseconds: validFromMicroseconds))"]
    case "image": images.map { Hex.encode($0.sha256) }
    default: []
    }
  }
}

extension Cairn_V1_ExtensionValue {
  fileprivate var isNull: Bool { if case .null = kind { true } else { kind == nil } }
}
