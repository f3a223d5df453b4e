/// A decimal number of at most 36 digits, computed without rounding.
struct ExactNumber: Hashable, Sendable {
  private static let maximumDigits = 36

  private let digits: Int128
  /// How many of the digits stand behind the point.
  private let scale: Int

  private init(digits: Int128, scale: Int) {
    self.digits = digits
    self.scale = scale
  }

  static let zero = ExactNumber(digits: 0, scale: 0)

  /// Reads a number as JSON writes it; nil where it has more than 36 digits, exponent included.
  init?(_ text: String) {
    var digits: Int128 = 0
    var scale = 0
    var count = 0
    var isBehindPoint = false
    guard !text.isEmpty else { return nil }
    let bytes = text.utf8
    var index = bytes.startIndex
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { index = bytes.index(after: index) }
    while index < bytes.endIndex, bytes[index] | 0x20 != UInt8(ascii: "e") {
      let byte = bytes[index]
      index = bytes.index(after: index)
      if byte == UInt8(ascii: ".") {
        isBehindPoint = true
        continue
      }
      guard byte.isDigit else { return nil }
      digits = digits * 10 + Int128(byte.digitValue)
      if isBehindPoint { scale += 1 }
      if digits > 0 { count += 1 }
      guard count <= Self.maximumDigits, scale <= Self.maximumDigits else { return nil }
    }
    if index < bytes.endIndex {
      guard let exponent = Int(text[bytes.index(after: index)...]) else { return nil }
      guard exponent.magnitude <= Self.maximumDigits else { return nil }
      scale -= exponent
    }
    self.init(isNegative ? -digits : digits, scale: scale)
  }

  /// Brings a number into its one form: no zeros at the end behind the point, no negative scale.
  private init?(_ digits: Int128, scale: Int) {
    var digits = digits
    var scale = digits == 0 ? 0 : scale
    while scale > 0, digits % 10 == 0 {
      digits /= 10
      scale -= 1
    }
    while scale < 0 {
      let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      digits = product
      scale += 1
    }
    guard scale <= Self.maximumDigits, digits.magnitude < Self.bound else { return nil }
    self.init(digits: digits, scale: scale)
  }

  private static let bound: UInt128 = (0..<maximumDigits).reduce(1) { power, _ in power * 10 }

  /// The sum; nil where it would have too many digits.
  func adding(_ other: ExactNumber) -> ExactNumber? {
    let scale = max(scale, other.scale)
    guard let left = digits(scale: scale), let right = other.digits(scale: scale) else { return nil }
    return ExactNumber(left + right, scale: scale)
  }

  var negated: ExactNumber { ExactNumber(digits: -digits, scale: scale) }

  var isPositive: Bool { digits > 0 }

  var isNegative: Bool { digits < 0 }

  /// The digits with more zeros behind the point; they stay far below the type's limit, so that two can be added.
  private func digits(scale wanted: Int) -> Int128? {
    var digits = digits
    for _ in scale..<wanted {
      digits *= 10
      guard digits.magnitude < Self.bound else { return nil }
    }
    return digits
  }
}

extension ExactNumber: CustomStringConvertible {
  /// Without exponent and superfluous zeros, for example `-12.5`.
  var description: String {
    let sign = isNegative ? "-" : ""
    let text = String(digits.magnitude)
    guard scale > 0 else { return sign + text }
    let padded = String(repeating: "0", count: max(0, scale + 1 - text.count)) + text
    return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
  }
}
