extension WrittenNumber {
  /// Beyond this many digits, or this far from the decimal point, numbers are compared but not computed with.
  private static let arithmeticDigits = 64

  /// Whether sums and products of it stay small.
  var isComputable: Bool {
    digits.count <= Self.arithmeticDigits && abs(exponent) <= Self.arithmeticDigits
  }

  /// Power of ten of the last digit.
  private var scale: Int { exponent - digits.count }

  static func * (left: WrittenNumber, right: WrittenNumber) -> WrittenNumber {
    var sums = [Int](repeating: 0, count: left.digits.count + right.digits.count)
    for (i, a) in left.digits.enumerated() {
      for (j, b) in right.digits.enumerated() { sums[i + j + 1] += Int(a) * Int(b) }
    }
    return WrittenNumber(
      isNegative: left.isNegative != right.isNegative, carrying: sums, scale: left.scale + right.scale)
  }

  static func + (left: WrittenNumber, right: WrittenNumber) -> WrittenNumber {
    if left.digits.isEmpty || right.digits.isEmpty { return left.digits.isEmpty ? right : left }
    let scale = min(left.scale, right.scale)
    let width = max(left.exponent, right.exponent) - scale + 1
    var sums = [Int](repeating: 0, count: width)
    for number in [left, right] {
      let start = width - (number.exponent - scale)
      for (index, digit) in number.digits.enumerated() {
        sums[start + index] += number.isNegative ? -Int(digit) : Int(digit)
      }
    }
    let isNegative = sums.first { $0 != 0 }.map { $0 < 0 } ?? false
    return WrittenNumber(isNegative: isNegative, carrying: isNegative ? sums.map { -$0 } : sums, scale: scale)
  }

  /// The number whose digits are sums that may be above nine or below zero, all together not below zero.
  private init(isNegative: Bool, carrying sums: [Int], scale: Int) {
    var digits = [UInt8](repeating: 0, count: sums.count)
    var carry = 0
    for index in sums.indices.reversed() {
      let sum = sums[index] + carry
      let digit = ((sum % 10) + 10) % 10
      digits[index] = UInt8(digit)
      carry = (sum - digit) / 10
    }
    let leading = digits.prefix { $0 == 0 }.count
    self.init(
      isNegative: isNegative, digits: Array(digits.dropFirst(leading)), exponent: scale + digits.count - leading)
  }
}
