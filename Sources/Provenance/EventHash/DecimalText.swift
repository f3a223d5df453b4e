/// Decimal numbers as text, of any precision.
enum DecimalText {
  /// The most digits that a number is written out to; a number that needs more stays as it was written.
  static let maximumDigits = 400

  /// The shortest way to write a number without an exponent; nil for what is not a number.
  static func plain(_ bytes: Span<UInt8>) -> [UInt8]? {
    guard !bytes.isEmpty, bytes[0].isDigit || [0x2B, 0x2D, 0x2E].contains(bytes[0]) else { return nil }
    var digits: [UInt8] = []
    var index = 0
    let isNegative = bytes[0] == UInt8(ascii: "-")
    if !bytes[0].isDigit, bytes[0] != UInt8(ascii: ".") { index = 1 }
    func readDigits() -> Int {
      let start = index
      while index < bytes.count, bytes[index].isDigit {
        digits.append(bytes[index])
        index += 1
      }
      return index - start
    }
    let whole = readDigits()
    var fraction = 0
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      fraction = readDigits()
    }
    guard whole + fraction > 0, let exponent = exponent(bytes, at: index) else { return nil }
    return text(digits, exponent: exponent - fraction, isNegative: isNegative)
  }

  /// The exponent that begins at `start`, 0 where the number ends there; nil for anything else.
  private static func exponent(_ bytes: Span<UInt8>, at start: Int) -> Int? {
    guard start < bytes.count else { return 0 }
    guard bytes[start] | 0x20 == UInt8(ascii: "e") else { return nil }
    var index = start + 1
    let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
    if isNegative || index < bytes.count && bytes[index] == UInt8(ascii: "+") { index += 1 }
    guard index < bytes.count, bytes.count - index <= 9 else { return nil }
    var number = 0
    while index < bytes.count {
      guard bytes[index].isDigit else { return nil }
      number = number * 10 + bytes[index].digitValue
      index += 1
    }
    return isNegative ? -number : number
  }

  private static func text(_ digits: [UInt8], exponent: Int, isNegative: Bool) -> [UInt8]? {
    let zero = UInt8(ascii: "0")
    let kept = digits.drop { $0 == zero }
    guard let last = kept.lastIndex(where: { $0 != zero }) else { return [zero] }
    let significant = kept[...last]
    let exponent = exponent + kept.endIndex - 1 - last
    let point = significant.count + exponent
    guard (-maximumDigits...maximumDigits).contains(point), significant.count <= maximumDigits else { return nil }
    var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
    if point <= 0 {
      text += [zero, UInt8(ascii: ".")] + Array(repeating: zero, count: -point) + significant
    } else if exponent >= 0 {
      text += significant + Array(repeating: zero, count: exponent)
    } else {
      text += significant.prefix(point) + [UInt8(ascii: ".")] + significant.dropFirst(point)
    }
    return text
  }
}
