import Primitives

/// GS1 Digital Link URIs (GS1 Digital Link URI Syntax 1.3): any host, any leading path, numeric application identifiers.
enum DigitalLink {
  /// The elements of a Digital Link; nil where the text is another kind of URI.
  ///
  /// Query and fragment are attributes, not identity. On another host than id.gs1.org a path counts as a Digital Link
  /// once a key is followed by a value that begins like one of that key.
  static func parse(_ bytes: Span<UInt8>) throws(Failure) -> Elements? {
    guard let path = pathRange(bytes) else { return nil }
    let isOnGS1 = bytes.hasPrefix(Elements.origin) && path.lowerBound == Elements.origin.utf8CodeUnitCount
    var start = path.lowerBound
    while let key = segment(bytes, from: start, to: path.upperBound) {
      guard let identifier = ApplicationIdentifier(bytes, key), identifier.isKey,
        let value = segment(bytes, from: key.upperBound, to: path.upperBound),
        isOnGS1 || looksLikeValue(bytes, value, of: identifier)
      else {
        start = key.upperBound
        continue
      }
      var elements = Elements(try element(bytes, identifier, value))
      try qualify(&elements, bytes, value.upperBound..<path.upperBound)
      elements.isSpelledCanonically =
        isOnGS1 && path.upperBound == bytes.count && elements.canonicalByteCount == bytes.count
        && key.lowerBound == path.lowerBound + 1
        && bytes.firstIndex(of: UInt8(ascii: "%"), from: 0, to: bytes.count) == nil
      return elements
    }
    return nil
  }

  /// The path of an http or https URI, from its first slash on, without query and fragment.
  private static func pathRange(_ bytes: Span<UInt8>) -> Range<Int>? {
    let authority: Int
    if bytes.hasPrefix("https://", ignoringCase: true) {
      authority = 8
    } else if bytes.hasPrefix("http://", ignoringCase: true) {
      authority = 7
    } else {
      return nil
    }
    var start: Int?
    for index in authority..<bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "?"), UInt8(ascii: "#"): return start.map { $0..<index }
      case UInt8(ascii: "/") where start == nil: start = index
      default: break
      }
    }
    return start.map { $0..<bytes.count }
  }

  /// The segment behind the slash at `slash`, nil at the end of the path.
  private static func segment(_ bytes: Span<UInt8>, from slash: Int, to end: Int) -> Range<Int>? {
    guard slash + 1 < end else { return nil }
    return slash + 1..<(bytes.firstIndex(of: UInt8(ascii: "/"), from: slash + 1, to: end) ?? end)
  }

  /// Keys begin with digits: eight, or six where letters may follow the company prefix.
  private static func looksLikeValue(
    _ bytes: Span<UInt8>, _ range: Range<Int>, of identifier: ApplicationIdentifier
  ) -> Bool {
    let digits = identifier.format.digits > 0 ? 8 : 6
    guard range.count >= digits else { return false }
    return range.prefix(digits).allSatisfy { bytes[$0].isDigit }
  }

  private static func qualify(
    _ elements: inout Elements, _ bytes: Span<UInt8>, _ rest: Range<Int>
  ) throws(Failure) {
    var start = rest.lowerBound
    while let name = segment(bytes, from: start, to: rest.upperBound) {
      guard let identifier = ApplicationIdentifier(bytes, name) else {
        throw .identifier(
          "INVALID_QUALIFIER",
          "'\(bytes.text(name))' cannot stand here; (\(elements.key.identifier.text)) is followed by "
            + elements.key.identifier.qualifierOrder)
      }
      let value = segment(bytes, from: name.upperBound, to: rest.upperBound) ?? name.upperBound..<name.upperBound
      try elements.qualify(inOrderBy: try element(bytes, identifier, value))
      start = value.upperBound
    }
  }

  private static func element(
    _ bytes: Span<UInt8>, _ identifier: ApplicationIdentifier, _ range: Range<Int>
  ) throws(Failure) -> Element {
    var value = ElementValue()
    try value.append(decoding: bytes, range, refusing: .neverInURI)
    if identifier == .gtin { value.padGTIN() }
    return try Element(identifier, value)
  }
}

extension ElementValue {
  /// Makes 14 digits of a GTIN-8, GTIN-12 or GTIN-13.
  mutating func padGTIN() {
    if count == 8 || count == 12 || count == 13 { padLeft(to: 14) }
  }
}
