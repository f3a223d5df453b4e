import Primitives

/// AI element strings with brackets, for example `(01)09506000134352(21)A1` (GS1 General Specifications, section 4.14).
enum ElementString {
  /// The elements of a bracketed element string; elements that do not identify, such as `(17)261231`, are passed over.
  ///
  /// A bracket inside a value stands for itself unless it would begin an element; `\(` always does.
  static func parse(_ bytes: Span<UInt8>) throws(Failure) -> Elements {
    let keyRange = try firstKey(bytes)
    var elements = Elements(try element(bytes, keyRange.identifier, keyRange.value))
    var offset = 0
    while let next = try nextElement(bytes, at: offset) {
      offset = next.value.upperBound
      guard let identifier = next.identifier, identifier.isKey || isQualifier(identifier, under: elements) else {
        continue
      }
      if identifier.isKey {
        guard next.value == keyRange.value else {
          throw .identifier(
            "AMBIGUOUS_KEY", "(\(elements.key.identifier.text)) and (\(identifier.text)) both name something; give one")
        }
      } else {
        try elements.qualify(by: try element(bytes, identifier, next.value))
      }
    }
    return elements
  }

  private static func isQualifier(_ identifier: ApplicationIdentifier, under elements: Elements) -> Bool {
    identifier.rank(under: elements.key.identifier) != nil
  }

  private static func firstKey(
    _ bytes: Span<UInt8>
  ) throws(Failure) -> (identifier: ApplicationIdentifier, value: Range<Int>) {
    var offset = 0
    while let next = try nextElement(bytes, at: offset) {
      if let identifier = next.identifier, identifier.isKey { return (identifier, next.value) }
      offset = next.value.upperBound
    }
    throw .identifier(
      "UNKNOWN_KEY",
      "names nothing: one of (00), (01), (253), (255), (401), (402), (414), (417), (8003), (8004), (8006), "
        + "(8010), (8017) and (8018) is needed")
  }

  /// The element at `offset`: its identifier, nil where it is a mere attribute, and the range of its value.
  private static func nextElement(
    _ bytes: Span<UInt8>, at offset: Int
  ) throws(Failure) -> (identifier: ApplicationIdentifier?, value: Range<Int>)? {
    guard offset < bytes.count else { return nil }
    guard let name = name(bytes, at: offset) else {
      throw .identifier("INVALID_ELEMENT", "an element begins with its number in brackets, for example (01)")
    }
    let start = name.upperBound + 1
    var end = start
    while end < bytes.count, Self.name(bytes, at: end) == nil {
      end += isEscape(bytes, at: end) ? 2 : 1
    }
    guard end > start else {
      throw .identifier("INVALID_LENGTH", "(\(bytes.text(name))) has no value")
    }
    return (ApplicationIdentifier(bytes, name), start..<end)
  }

  /// The digits of `(digits)` at `offset`.
  private static func name(_ bytes: Span<UInt8>, at offset: Int) -> Range<Int>? {
    guard bytes[offset] == UInt8(ascii: "(") else { return nil }
    var end = offset + 1
    while end < bytes.count, bytes[end].isDigit, end <= offset + 4 { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: ")"), (2...4).contains(end - offset - 1) else { return nil }
    return offset + 1..<end
  }

  /// Whether a backslash stands here that takes the next bracket literally.
  private static func isEscape(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count
      && (bytes[index + 1] == UInt8(ascii: "(") || bytes[index + 1] == UInt8(ascii: ")"))
  }

  private static func element(
    _ bytes: Span<UInt8>, _ identifier: ApplicationIdentifier, _ range: Range<Int>
  ) throws(Failure) -> Element {
    var value = ElementValue()
    for index in range where !isEscape(bytes, at: index) { try value.append(bytes[index]) }
    if identifier == .gtin { value.padGTIN() }
    return try Element(identifier, value)
  }
}
