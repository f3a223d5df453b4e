import Primitives

extension PreHashWriter {
  /// `key=value`, or nothing where the value is empty.
  mutating func value(_ key: StaticString, _ text: String) {
    guard !text.isEmpty else { return }
    let start = output.count
    append(key)
    if !assign(text) { removeLast(output.count - start) }
  }

  /// As `value`, for an item, place or party, which may also be written as an element string.
  mutating func identifier(_ key: StaticString, _ text: String) {
    if text.utf8.first == UInt8(ascii: "("), let identifier = try? Identifier(text) {
      value(key, identifier.canonical)
    } else {
      value(key, text)
    }
  }

  /// As `value`, for a value of the CBV: a bare word, a CURIE, a URN and a URI are one.
  mutating func vocabulary(_ key: StaticString, _ text: String, _ values: StandardValues) {
    value(key, values.spellings[text] ?? text)
  }

  /// As `value`, for a type of the GS1 web vocabulary, whose address is not the same everywhere.
  mutating func webVocabulary(_ key: StaticString, _ text: String, _ values: StandardValues) {
    let isWord = !text.isEmpty && !text.utf8.contains(UInt8(ascii: ":"))
    value(key, isWord && values.spellings[text] != nil ? namespaces.webVocabulary + text : text)
  }

  /// `key=value` for a time: UTC, milliseconds.
  mutating func time(_ key: StaticString, _ text: String) {
    guard !text.isEmpty else { return }
    guard let timestamp = try? Timestamp(text) else { return value(key, text) }
    append(key)
    append("=")
    append(MillisecondTime.text(ofMicroseconds: timestamp.instant.microseconds))
  }

  /// `=value` in canonical form: CURIEs and URNs of the CBV are full URIs, decimals have no needless zeros, GS1 keys are
  /// Digital Links of the finest level. False, and nothing written, where the value is empty.
  @discardableResult
  mutating func assign(_ text: String) -> Bool {
    let text = String(trimming: namespaces.expanded(text))
    let bytes = text.utf8.span
    guard !bytes.isEmpty else { return false }
    append("=")
    if let word = Self.vocabularyURI(bytes) {
      append(word)
      append(text.utf8.drop { $0 != UInt8(ascii: ":") }.split(separator: UInt8(ascii: ":"), maxSplits: 3).last ?? [])
    } else if let decimal = DecimalText.plain(bytes) {
      append(decimal)
    } else if let elements = Self.elements(bytes) {
      append(Self.spelled(elements.withoutVariant.canonical))
    } else {
      append(text)
    }
    return true
  }

  private static let vocabularies: [(StaticString, StaticString)] = [
    ("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"),
    ("urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-"),
    ("urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-"),
    ("urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-"),
    ("urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-"),
  ]

  private static func vocabularyURI(_ bytes: Span<UInt8>) -> StaticString? {
    guard bytes.hasPrefix("urn:epcglobal:cbv:") else { return nil }
    return vocabularies.first { bytes.hasPrefix($0.0) }?.1
  }

  /// A canonical Digital Link as the hash has it: the three characters that need no escape in a path stand for themselves.
  private static func spelled(_ link: String) -> String {
    guard link.utf8.contains(UInt8(ascii: "%")) else { return link }
    let parts = link.split(separator: "%", omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(into: String(parts[0])) { link, part in
      switch part.prefix(2) {
      case "27": link += "'" + part.dropFirst(2)
      case "3B": link += ";" + part.dropFirst(2)
      case "3D": link += "=" + part.dropFirst(2)
      default: link += "%" + part
      }
    }
  }

  /// The GS1 key that a URN or a Digital Link names, if any.
  private static func elements(_ bytes: Span<UInt8>) -> Elements? {
    if bytes.hasPrefix("urn:epc:", ignoringCase: true) {
      guard case .elements(let elements)? = try? EPCURN.parse(bytes) else { return nil }
      return elements
    }
    return bytes.hasPrefix("http", ignoringCase: true) ? (try? DigitalLink.parse(bytes)) ?? nil : nil
  }
}

extension String {
  /// Without white space at its ends.
  init(trimming text: String) {
    if let first = text.utf8.first, let last = text.utf8.last, first.isGraphic, last.isGraphic {
      self = text
      return
    }
    let isSpace = { (scalar: Unicode.Scalar) in
      scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
      isSpace(first) || isSpace(last)
    else {
      self = text
      return
    }
    let rest = text.unicodeScalars.drop(while: isSpace)
    let end = rest.lastIndex { !isSpace($0) }.map(rest.index(after:)) ?? rest.startIndex
    self = String(Substring(rest[..<end]))
  }
}
