/// A decimal number as JSON writes it (RFC 8259, section 6), compared exactly whatever its length.
package struct WrittenNumber: Hashable, Sendable {
  /// Exponents beyond this, which are written with more than 15 digits, count as this.
  private static let largestExponent = 1_000_000_000_000_000

  /// Below zero; never for zero itself.
  let isNegative: Bool
  /// Decimal digits without zeros at either end; none for zero.
  let digits: [UInt8]
  /// The number is 0.digits × 10^exponent.
  let exponent: Int

  /// Reads a number; nil where JSON would not write one so.
  package init?(_ text: String) {
    guard (try? Rules.number("", text)) != nil else { return nil }
    var digits: [UInt8] = []
    var (point, written) = (0, 0)
    var isFraction = false
    let bytes = text.utf8
    var index = bytes.startIndex
    while index < bytes.endIndex, bytes[index] | 0x20 != UInt8(ascii: "e") {
      let byte = bytes[index]
      index = bytes.index(after: index)
      if byte == UInt8(ascii: ".") { isFraction = true }
      guard byte.isDigit else { continue }
      if !isFraction { point += 1 }
      if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte &- UInt8(ascii: "0")) }
      written += 1
    }
    self.init(
      isNegative: bytes.first == UInt8(ascii: "-"), digits: digits,
      exponent: point - (written - digits.count) + Self.writtenExponent(of: text))
  }

  /// The number 0.digits × 10^exponent; zeros at the end of the digits are dropped, at their beginning there are none.
  init(isNegative: Bool, digits: [UInt8], exponent: Int) {
    var digits = digits
    while digits.last == 0 { digits.removeLast() }
    self.isNegative = isNegative && !digits.isEmpty
    self.digits = digits
    self.exponent = digits.isEmpty ? 0 : exponent
  }

  /// What a number has behind its letter e, a sign, or none, and digits; 0 where there is no such letter.
  static func writtenExponent(of text: String) -> Int {
    guard let letter = text.utf8.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else { return 0 }
    let exponent = text.utf8[text.utf8.index(after: letter)...]
    var value = 0
    for byte in exponent where byte.isDigit { value = min(value * 10 + byte.digitValue, largestExponent) }
    return exponent.first == UInt8(ascii: "-") ? -value : value
  }

  /// How it stands to another number without their signs: -1, 0 or 1.
  private func magnitude(against other: WrittenNumber) -> Int {
    if digits.isEmpty || other.digits.isEmpty { return (digits.isEmpty ? 0 : 1) - (other.digits.isEmpty ? 0 : 1) }
    if exponent != other.exponent { return exponent < other.exponent ? -1 : 1 }
    return digits == other.digits ? 0 : digits.lexicographicallyPrecedes(other.digits) ? -1 : 1
  }
}

extension WrittenNumber: Comparable {
  package static func < (left: WrittenNumber, right: WrittenNumber) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    let order = left.magnitude(against: right)
    return left.isNegative ? order > 0 : order < 0
  }
}
