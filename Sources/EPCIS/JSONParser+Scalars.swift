import Primitives

extension JSONParser {
  /// The text at the present position, which is its opening quote.
  mutating func text() throws(Failure) -> String {
    let start = position
    position += 1
    let plain = position
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if peek == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try decode(bytes[plain..<position], at: plain)
    }
    return try escapedText(start: start, plain: plain)
  }

  private mutating func escapedText(start: Int, plain: Int) throws(Failure) -> String {
    var unescaped = Array(bytes[plain..<position])
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try decode(unescaped[...], at: start)
      case UInt8(ascii: "\\"):
        unescaped.append(contentsOf: try escape().utf8)
      case 0..<0x20:
        let code = Hex.encode([byte])
        throw failure("JSON_CONTROL_CHARACTER", "byte 0x\(code) in a text must be written as \\u00\(code)")
      default:
        unescaped.append(byte)
        position += 1
      }
    }
    throw failure("JSON_TRUNCATED", "the text that begins here has no closing quote", at: start)
  }

  private func decode(_ slice: ArraySlice<UInt8>, at offset: Int) throws(Failure) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw failure("JSON_INVALID_UTF8", "the bytes of this text are not UTF-8", at: offset)
    }
    return text
  }

  private mutating func escape() throws(Failure) -> String {
    let start = position
    position += 1
    guard let byte = peek else { throw failure("JSON_TRUNCATED", "the text ends within an escape", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape(start: start)
    default: throw failure("JSON_INVALID_ESCAPE", "after a backslash stands one of \" \\ / b f n r t u", at: start)
    }
  }

  /// The scalar of `\uXXXX`, or of a surrogate pair `\uD8XX\uDCXX`.
  private mutating func unicodeEscape(start: Int) throws(Failure) -> String {
    let first = try codeUnit(start: start)
    if let scalar = Unicode.Scalar(first) { return String(Character(scalar)) }
    let lone = failure(
      "JSON_LONE_SURROGATE", "half of a surrogate pair stands alone; it is no character", at: start)
    guard (0xD800..<0xDC00).contains(first), takeByte(UInt8(ascii: "\\")), takeByte(UInt8(ascii: "u")) else {
      throw lone
    }
    let second = try codeUnit(start: start)
    guard (0xDC00..<0xE000).contains(second) else { throw lone }
    let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
    guard let scalar = Unicode.Scalar(value) else { throw lone }
    return String(Character(scalar))
  }

  private mutating func codeUnit(start: Int) throws(Failure) -> UInt16 {
    let end = position + 4
    guard end <= bytes.count, let pair = Hex.decode(String(decoding: bytes[position..<end], as: UTF8.self)),
      pair.count == 2
    else {
      throw failure("JSON_INVALID_ESCAPE", "after \\u stand four hexadecimal digits", at: start)
    }
    position = end
    return UInt16(pair[0]) << 8 | UInt16(pair[1])
  }

  /// The number's text; section 6.
  mutating func number() throws(Failure) -> String {
    let start = position
    _ = takeByte(UInt8(ascii: "-"))
    let leading = peek
    guard takeDigits() > 0 else { throw failure("JSON_NUMBER", "a digit should follow the minus sign", at: start) }
    let integerEnd = position
    if leading == UInt8(ascii: "0"), integerEnd - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
      throw failure("JSON_NUMBER", "a number must not begin with a needless zero", at: start)
    }
    if takeByte(UInt8(ascii: ".")), takeDigits() == 0 {
      throw failure("JSON_NUMBER", "a digit should follow the decimal point", at: start)
    }
    if takeByte(UInt8(ascii: "e")) || takeByte(UInt8(ascii: "E")) {
      if !takeByte(UInt8(ascii: "+")) { _ = takeByte(UInt8(ascii: "-")) }
      if takeDigits() == 0 { throw failure("JSON_NUMBER", "a digit should follow the exponent sign", at: start) }
    }
    guard position - start <= limits.numberLength else {
      throw failure(
        "JSON_NUMBER_TOO_LONG", "a number of more than \(limits.numberLength) characters", at: start, kind: .exhausted)
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func takeDigits() -> Int {
    let start = position
    while let byte = peek, Self.isDigit(byte) { position += 1 }
    return position - start
  }

  /// Whether a text is one JSON number and nothing else, within the length limit.
  static func isNumber(_ text: String) -> Bool {
    (try? parse(Array(text.utf8))) == .number(text)
  }
}
