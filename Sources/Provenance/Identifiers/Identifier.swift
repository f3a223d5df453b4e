package import Primitives

/// The name of an item, a class of items, a place or a party, in any of GS1's spellings or as another URI.
///
/// Two identifiers are equal when they mean the same thing, whatever their spelling.
package struct Identifier: Sendable {
  /// The longest text accepted, in UTF-8 bytes.
  package static let maximumByteCount = 2_048

  /// The identifier as it was written.
  package let text: String
  /// The one form that all spellings share: a GS1 Digital Link on id.gs1.org, or the URI itself where GS1 has none.
  ///
  /// It holds the key and the qualifier that identifies most finely: a GTIN with lot and serial is its GTIN and serial,
  /// as it is in an EPC URN.
  package let canonical: String
  /// What kind of identifier it is.
  package let scheme: Scheme
  /// Whether it names one thing, a lot or a class.
  package let level: Level

  /// Kinds of identifier: GS1's keys (EPC Tag Data Standard 2.0, section 6) and everything else.
  package enum Scheme: String, Hashable, Sendable, CaseIterable {
    case sgtin, lgtin, gtin, upui, itip, sscc, sgln, pgln, grai, giai, gdti, sgcn, gsrn, gsrnp, ginc, gsin, cpi
    case gid, usdod, adi, bic, imovn
    case opaque
  }

  /// How finely an identifier identifies.
  package enum Level: String, Hashable, Sendable, CaseIterable {
    case instance, lot, `class`
  }

  /// Reads a GS1 Digital Link URI, an EPC URN, an AI element string such as `(01)09506000134352(21)A1`, or another URI.
  ///
  /// Check digits, lengths, character sets and the order of qualifiers are enforced; anything that is not a URI is
  /// refused.
  package init(_ text: String) throws(Failure) {
    let bytes = text.utf8.span
    guard !bytes.isEmpty else {
      throw .identifier("EMPTY_IDENTIFIER", "is empty; \(Self.expectation)")
    }
    guard bytes.count <= Self.maximumByteCount else {
      throw .identifier(
        "IDENTIFIER_TOO_LONG", "has \(bytes.count) bytes; at most \(Self.maximumByteCount) are allowed")
    }
    if bytes[0] == UInt8(ascii: "(") {
      self.init(text, try ElementString.parse(bytes))
    } else if bytes.hasPrefix("urn:epc:", ignoringCase: true) {
      switch try EPCURN.parse(bytes) {
      case .elements(let elements): self.init(text, elements)
      case .foreign(let scheme): self.init(text, as: scheme)
      }
    } else if let elements = try DigitalLink.parse(bytes) {
      self.init(text, elements)
    } else {
      try URISyntax.check(bytes, expectation: Self.expectation)
      self.init(text, as: .opaque)
    }
  }

  private init(_ text: String, _ elements: Elements) {
    self.text = text
    self.canonical = elements.isSpelledCanonically ? text : elements.canonical
    (scheme, level) = elements.meaning
  }

  private init(_ text: String, as scheme: Scheme) {
    self.text = text
    self.canonical = text
    self.scheme = scheme
    self.level = .instance
  }

  private static let expectation =
    "write a GS1 Digital Link URI, an EPC URN, an AI element string such as (01)09506000134352(21)A1, or another URI"
}

extension Identifier: Hashable {
  package static func == (left: Identifier, right: Identifier) -> Bool { left.canonical == right.canonical }

  package func hash(into hasher: inout Hasher) { hasher.combine(canonical) }
}

extension Identifier: CustomStringConvertible {
  /// The identifier as it was written.
  package var description: String { text }
}
