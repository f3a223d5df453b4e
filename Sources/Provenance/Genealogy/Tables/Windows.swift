import Primitives

/// A set of instants: half-open ranges of microseconds, ascending, disjoint and not touching.
struct Windows: Hashable, Sendable {
  private(set) var ranges: [Range<Int64>] = []

  static let always = Windows(ranges: [.min ..< .max])

  var isEmpty: Bool { ranges.isEmpty }

  /// Adds a range; whether that made the set larger.
  mutating func insert(_ range: Range<Int64>) -> Bool {
    guard !range.isEmpty else { return false }
    let first = firstIndex { $0.upperBound >= range.lowerBound }
    guard first < ranges.count, ranges[first].lowerBound <= range.upperBound else {
      ranges.insert(range, at: first)
      return true
    }
    let held = ranges[first]
    if held.lowerBound <= range.lowerBound, range.upperBound <= held.upperBound { return false }
    let end = firstIndex { $0.lowerBound > range.upperBound }
    let lower = min(held.lowerBound, range.lowerBound)
    ranges.replaceSubrange(first..<end, with: [lower..<max(ranges[end - 1].upperBound, range.upperBound)])
    return true
  }

  mutating func formUnion(_ other: Windows) -> Bool {
    if ranges.isEmpty {
      ranges = other.ranges
      return !ranges.isEmpty
    }
    var grew = false
    for range in other.ranges where insert(range) { grew = true }
    return grew
  }

  func union(_ other: Windows) -> Windows {
    var union = self
    _ = union.formUnion(other)
    return union
  }

  func contains(_ time: Int64) -> Bool {
    let index = firstIndex { $0.upperBound > time }
    return index < ranges.count && ranges[index].lowerBound <= time
  }

  func contains(_ other: Windows) -> Bool {
    other.ranges.allSatisfy { range in
      let index = firstIndex { $0.upperBound >= range.upperBound }
      return index < ranges.count && ranges[index].lowerBound <= range.lowerBound
    }
  }

  func overlaps(_ range: Range<Int64>) -> Bool {
    let index = firstIndex { $0.upperBound > range.lowerBound }
    return index < ranges.count && ranges[index].lowerBound < range.upperBound && !range.isEmpty
  }

  func intersection(_ range: Range<Int64>) -> Windows {
    if ranges.count == 1 {
      let part = ranges[0].clamped(to: range)
      return part.isEmpty ? Windows() : Windows(ranges: [part])
    }
    let first = firstIndex { $0.upperBound > range.lowerBound }
    let end = firstIndex { $0.lowerBound >= range.upperBound }
    guard first < end else { return Windows() }
    return Windows(ranges: ranges[first..<end].map { $0.clamped(to: range) })
  }

  /// The first range for which a condition holds that holds for all behind it.
  private func firstIndex(_ condition: (Range<Int64>) -> Bool) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if condition(ranges[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension TimeRange {
  /// A range whose ends stand for none at the ends of the numbers.
  init(_ range: Range<Int64>) {
    self.init(
      from: range.lowerBound == .min ? nil : Instant(microseconds: range.lowerBound),
      before: range.upperBound == .max ? nil : Instant(microseconds: range.upperBound))
  }

  /// The range in microseconds.
  var microseconds: Range<Int64> { (from?.microseconds ?? .min)..<(before?.microseconds ?? .max) }
}

extension Range<Int64> {
  /// One instant.
  static func at(_ time: Int64) -> Range { time..<time + 1 }
}
