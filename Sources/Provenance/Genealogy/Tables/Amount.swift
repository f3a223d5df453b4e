/// How much of a lot or class: one number a unit, or not known.
struct Amount: Hashable {
  /// Ascending by unit; empty where it is not known, and for one thing.
  let quantities: [TraceQuantity]

  private init(known quantities: [TraceQuantity]) { self.quantities = quantities }

  private static let unknown = Amount(known: [])

  /// What quantity lists say; a single number stays as it is written.
  init(_ quantities: [TraceQuantity]) {
    if quantities.count == 1, !quantities[0].number.isEmpty {
      self.init(known: quantities)
    } else {
      self = Self.sum(quantities.map { ($0, false) }) ?? .unknown
    }
  }

  func adding(_ more: [TraceQuantity]) -> Amount {
    guard !quantities.isEmpty, !more.isEmpty else { return .unknown }
    return Self.sum(quantities.map { ($0, false) } + more.map { ($0, false) }) ?? .unknown
  }

  /// What is left; nil where nothing is, and where all is meant because no number is given.
  func subtracting(_ less: [TraceQuantity]) -> Amount? {
    guard !less.isEmpty, !less.contains(where: \.number.isEmpty) else { return nil }
    guard !quantities.isEmpty else { return .unknown }
    let units = Set(quantities.map(\.uom))
    guard less.allSatisfy({ units.contains($0.uom) }),
      let rest = Self.sum(quantities.map { ($0, false) } + less.map { ($0, true) })
    else { return .unknown }
    let left = rest.quantities.filter { ExactNumber($0.number)?.isPositive == true }
    return left.isEmpty ? nil : Amount(known: left)
  }

  /// Adds numbers up, some of them negated; nil where one is missing or too long.
  static func sum(_ terms: [(quantity: TraceQuantity, isNegated: Bool)]) -> Amount? {
    var sums: [String: ExactNumber] = [:]
    for (quantity, isNegated) in terms {
      guard let number = ExactNumber(quantity.number),
        let sum = sums[quantity.uom, default: .zero].adding(isNegated ? number.negated : number)
      else { return nil }
      sums[quantity.uom] = sum
    }
    return Amount(
      known: sums.sorted { $0.key < $1.key }.map { TraceQuantity(number: $0.value.description, uom: $0.key) })
  }
}
