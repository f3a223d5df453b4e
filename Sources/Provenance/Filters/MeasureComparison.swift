import Primitives
import Wire

/// A comparison of numbers that have units.
struct MeasureComparison: Sendable {
  private let number: NumberComparison
  /// Empty: the number alone is compared.
  private let uom: String
  private let unit: MeasureUnit?
  /// Differences have no zero point: one degree Celsius is one kelvin.
  private let isDifference: Bool

  init(_ number: Cairn_V1_NumberComparison, uom: String, isDifference: Bool = false) throws(Failure) {
    self.number = try at("number") { () throws(Failure) in try NumberComparison(number) }
    try Rules.optionalUnit("uom", uom)
    self.uom = uom
    unit = MeasureUnit.named(uom)
    self.isDifference = isDifference
  }

  /// Whether a number, as it was written, in a unit is wanted; an empty text is no number.
  func holds(for text: String, uom: String) -> Bool {
    if self.uom.isEmpty || self.uom == uom { return WrittenNumber(text).map(number.holds) ?? false }
    guard let unit, let other = MeasureUnit.named(uom), other.kind == unit.kind, let value = WrittenNumber(text),
      value.isComputable
    else { return false }
    // Both sides times both divisors, so that nothing is divided.
    let found = scaled(value, other) * unit.divisor
    return number.values.contains {
      $0.isComputable && number.comparison.holds(found, scaled($0, unit) * other.divisor)
    }
  }

  private func scaled(_ value: WrittenNumber, _ unit: MeasureUnit) -> WrittenNumber {
    (isDifference ? value : value + unit.offset) * unit.factor
  }
}
