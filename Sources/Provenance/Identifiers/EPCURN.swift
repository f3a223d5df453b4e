import Primitives

/// EPC URNs (EPC Tag Data Standard 2.0, section 6): `urn:epc:id`, `urn:epc:class` and `urn:epc:idpat`.
enum EPCURN {
  /// What an EPC URN comes to.
  enum Parsed {
    /// A GS1 key.
    case elements(Elements)
    /// A scheme that GS1 Digital Link cannot express.
    case foreign(Identifier.Scheme)
  }

  /// The three families of pure identity URNs.
  private enum Family {
    case id, `class`, pattern
  }

  static func parse(_ bytes: Span<UInt8>) throws(Failure) -> Parsed {
    let (family, start) = try family(bytes)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: start, to: bytes.count) else {
      throw .identifier("UNKNOWN_SCHEME", "'\(bytes.text(start..<bytes.count))' is no EPC scheme with a value")
    }
    let name = start..<colon
    let body = colon + 1..<bytes.count
    guard !body.isEmpty else { throw .identifier("INVALID_LENGTH", "has nothing after '\(bytes.text(name)):'") }
    if let layout = EPCLayout.named(bytes, name), layout.isLot == (family == .class) {
      return .elements(try elements(bytes, body, layout, isPattern: family == .pattern))
    }
    if family == .id, let scheme = foreignScheme(bytes, name) {
      try checkForeign(bytes, body)
      return .foreign(scheme)
    }
    throw .identifier("UNKNOWN_SCHEME", "'\(bytes.text(0..<colon))' is no EPC scheme for this kind of URN")
  }

  private static func family(_ bytes: Span<UInt8>) throws(Failure) -> (Family, Int) {
    let start = 8
    if bytes.hasPrefix("id:", at: start) { return (.id, start + 3) }
    if bytes.hasPrefix("class:", at: start) { return (.class, start + 6) }
    if bytes.hasPrefix("idpat:", at: start) { return (.pattern, start + 6) }
    throw .identifier(
      "UNKNOWN_SCHEME",
      "an EPC is named with urn:epc:id:, urn:epc:class: or urn:epc:idpat:, not as a tag or in raw form")
  }

  private static func foreignScheme(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Identifier.Scheme? {
    switch bytes.text(name) {
    case "gid": .gid
    case "usdod": .usdod
    case "adi": .adi
    case "bic": .bic
    case "imovn": .imovn
    default: nil
    }
  }

  private static func checkForeign(_ bytes: Span<UInt8>, _ body: Range<Int>) throws(Failure) {
    for index in body {
      let byte = bytes[index]
      guard (0x21...0x7E).contains(byte), !CharacterSet.escapedInURN.contains(byte) else {
        throw .identifier("INVALID_CHARACTER", "must not contain \(byte.quoted)")
      }
    }
  }
}
