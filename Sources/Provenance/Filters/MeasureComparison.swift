import Primitives
import Wire

/// A comparison of numbers that have units.
struct MeasureComparison: Sendable {
  private let number: NumberComparison
  /// Empty: the number alone is compared.
  private let uom: String

  init(_ number: Cairn_V1_NumberComparison, uom: String) throws(Failure) {
    self.number = try at("number") { () throws(Failure) in try NumberComparison(number) }
    try Rules.optionalUnit("uom", uom)
    self.uom = uom
  }

  /// Whether a number, as it was written, in a unit is wanted; an empty text is no number.
  func holds(for text: String, uom: String) -> Bool {
    guard !text.isEmpty, self.uom.isEmpty || self.uom == uom, let value = WrittenNumber(text) else { return false }
    return number.holds(for: value)
  }
}
