import Primitives

extension EPCURN {
  /// Makes elements of a URN's components: the indicator moves to the front, the check digit is computed.
  static func elements(
    _ bytes: Span<UInt8>, _ body: Range<Int>, _ layout: EPCLayout, isPattern: Bool
  ) throws(Failure) -> Elements {
    let prefix = try companyPrefix(bytes, body)
    var components = Components(rest: prefix.upperBound + 1..<body.upperBound)
    var value = ElementValue()
    if let digits = layout.digits {
      let reference = try numericReference(bytes, &components, digits: digits - prefix.count)
      try compose(&value, bytes, prefix, reference, layout)
      if layout.hasPieces {
        try value.append(bytes, try pieceNumber(bytes, &components))
        try value.append(bytes, try pieceNumber(bytes, &components))
      }
    } else {
      let reference = layout.serial == .none ? components.last() : try components.next(bytes)
      try value.append(bytes, prefix)
      try value.append(decoding: bytes, reference, refusing: .escapedInURN)
    }
    return try isPattern
      ? classElements(bytes, &components, layout, value) : instanceElements(bytes, &components, layout, value)
  }

  private static func instanceElements(
    _ bytes: Span<UInt8>, _ components: inout Components, _ layout: EPCLayout, _ key: ElementValue
  ) throws(Failure) -> Elements {
    guard layout.serial != .none else {
      try components.finish(bytes)
      return Elements(try Element(layout.key, key))
    }
    let range = components.last()
    guard !range.isEmpty else {
      throw .identifier("INVALID_LENGTH", "a \(layout.name) ends with a serial, lot or extension, which is missing")
    }
    guard case .qualifier(let identifier) = layout.serial else {
      var key = key
      try key.append(decoding: bytes, range, refusing: .escapedInURN)
      return Elements(try Element(layout.key, key))
    }
    var elements = Elements(try Element(layout.key, key))
    var value = ElementValue()
    try value.append(decoding: bytes, range, refusing: .escapedInURN)
    try elements.qualify(by: try Element(identifier, value))
    return elements
  }

  /// A pattern names a class when everything but the serial is given.
  private static func classElements(
    _ bytes: Span<UInt8>, _ components: inout Components, _ layout: EPCLayout, _ key: ElementValue
  ) throws(Failure) -> Elements {
    let range = components.last()
    guard layout.serial != .none, layout.key != .gln, range.count == 1, bytes[range.lowerBound] == UInt8(ascii: "*")
    else {
      throw .identifier("INVALID_PATTERN", "a class is a pattern whose serial alone is '*'")
    }
    return Elements(try Element(layout.key, key))
  }

  private static func compose(
    _ value: inout ElementValue, _ bytes: Span<UInt8>, _ prefix: Range<Int>, _ reference: Range<Int>,
    _ layout: EPCLayout
  ) throws(Failure) {
    if layout.key == .grai { try value.append(UInt8(ascii: "0")) }
    if layout.leadsWithIndicator {
      try value.append(bytes[reference.lowerBound])
      try value.append(bytes, prefix)
      try value.append(bytes, reference.dropFirst())
    } else {
      try value.append(bytes, prefix)
      try value.append(bytes, reference)
    }
    if let checked = layout.key.format.checked { try value.append(value.checkDigit(over: checked)) }
  }

  private static func companyPrefix(_ bytes: Span<UInt8>, _ body: Range<Int>) throws(Failure) -> Range<Int> {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "."), from: body.lowerBound, to: body.upperBound) else {
      throw .identifier("INVALID_COMPANY_PREFIX", "a GS1 company prefix and '.' are missing")
    }
    let prefix = body.lowerBound..<end
    guard (6...12).contains(prefix.count), prefix.allSatisfy({ bytes[$0].isDigit }) else {
      throw .identifier(
        "INVALID_COMPANY_PREFIX", "company prefix '\(bytes.text(prefix))' is not 6 to 12 digits")
    }
    return prefix
  }

  private static func numericReference(
    _ bytes: Span<UInt8>, _ components: inout Components, digits: Int
  ) throws(Failure) -> Range<Int> {
    let reference = try components.next(bytes)
    for index in reference where !bytes[index].isDigit {
      guard bytes[index] != UInt8(ascii: "*") else {
        throw .identifier("INVALID_PATTERN", "a class is a pattern whose serial alone is '*'")
      }
      throw .identifier("INVALID_CHARACTER", "the reference has \(bytes[index].quoted) where a digit belongs")
    }
    guard reference.count == digits else {
      throw .identifier(
        "INVALID_LENGTH", "the reference has \(reference.count) digits; \(max(digits, 0)) go with this company prefix")
    }
    return reference
  }

  private static func pieceNumber(_ bytes: Span<UInt8>, _ components: inout Components) throws(Failure) -> Range<Int> {
    let range = try components.next(bytes)
    guard range.count == 2, range.allSatisfy({ bytes[$0].isDigit }) else {
      throw .identifier("INVALID_PIECE", "piece and total have two digits each")
    }
    return range
  }

  /// What is left of a URN, component by component.
  private struct Components {
    private var rest: Range<Int>
    private var isFinished = false

    init(rest: Range<Int>) { self.rest = rest }

    /// The next component, up to a dot or the end.
    mutating func next(_ bytes: Span<UInt8>) throws(Failure) -> Range<Int> {
      guard !isFinished else { throw .identifier("INVALID_LENGTH", "has fewer components than its scheme needs") }
      let start = rest.lowerBound
      if let dot = bytes.firstIndex(of: UInt8(ascii: "."), from: start, to: rest.upperBound) {
        rest = dot + 1..<rest.upperBound
        return start..<dot
      }
      return last()
    }

    /// All that is left; dots are characters of a serial like any other.
    mutating func last() -> Range<Int> {
      guard !isFinished else { return rest.upperBound..<rest.upperBound }
      isFinished = true
      return rest
    }

    func finish(_ bytes: Span<UInt8>) throws(Failure) {
      guard isFinished else {
        throw .identifier("INVALID_LENGTH", "has '.\(bytes.text(rest))' behind its last component")
      }
    }
  }
}

extension ElementValue {
  /// Appends a range of a text as it is.
  mutating func append(_ source: Span<UInt8>, _ range: Range<Int>) throws(Failure) {
    for index in range { try append(source[index]) }
  }
}
