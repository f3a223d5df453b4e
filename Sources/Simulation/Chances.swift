import SeededRandom

/// How the decisions of a run are taken.
extension SplitMix64 {
  /// Whether something happens that does so in `count` of `of` cases.
  mutating func chance(_ count: Int, in of: Int) -> Bool { number(below: of) < count }

  /// One of them; nil if there is none.
  mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[number(below: elements.count)]
  }
}
