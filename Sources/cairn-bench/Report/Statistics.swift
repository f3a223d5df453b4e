/// Measurements of one thing, in order of size.
struct Samples: Sendable, Codable {
  let sorted: [Double]

  init(_ values: [Double]) { sorted = values.sorted() }

  var median: Double { percentile(50) }

  /// The smallest value that at least `percent` of all are not above (nearest rank); 0 without values.
  func percentile(_ percent: Double) -> Double {
    guard !sorted.isEmpty else { return 0 }
    let rank = (percent / 100 * Double(sorted.count)).rounded(.up)
    return sorted[min(max(Int(rank), 1), sorted.count) - 1]
  }
}
