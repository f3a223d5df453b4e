import Primitives
import Wire

/// Numbers that a value is compared with; of several it must equal one.
struct NumberComparison: Sendable {
  /// Exponents that the numbers of a filter may be written with.
  private static let exponents = -1_000_000...1_000_000

  let comparison: Cairn_V1_Comparison
  let values: [WrittenNumber]

  init(_ wire: Cairn_V1_NumberComparison) throws(Failure) {
    comparison = try FilterValues.comparison("comparison", wire.comparison)
    try FilterValues.count("values", wire.values.count)
    guard wire.values.count == 1 || (comparison == .equal && !wire.values.isEmpty) else {
      throw .malformed(
        "INVALID_VALUES", field: "values",
        "has \(wire.values.count) values; one is needed, or several with COMPARISON_EQUAL")
    }
    var numbers: [WrittenNumber] = []
    for (index, text) in wire.values.enumerated() {
      try Rules.number("values[\(index)]", text)
      guard let number = WrittenNumber(text), Self.exponents.contains(WrittenNumber.writtenExponent(of: text)) else {
        throw .malformed("INVALID_NUMBER", field: "values[\(index)]", "has an exponent beyond ±1,000,000")
      }
      numbers.append(number)
    }
    values = numbers
  }

  func holds(for number: WrittenNumber) -> Bool { values.contains { comparison.holds(number, $0) } }
}

extension Cairn_V1_Comparison {
  /// Whether `left` stands to `right` as it says.
  func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
    switch self {
    case .equal: left == right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .unspecified, .UNRECOGNIZED: false
    }
  }
}
