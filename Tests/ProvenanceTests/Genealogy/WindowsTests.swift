import SeededRandom
import Testing

@testable import Provenance

@Suite struct WindowsTests {
  @Test(arguments: [UInt64(1), 2, 3]) func theyAreSetsOfInstants(_ seed: UInt64) {
    print("seed \(seed)")
    var generator = SplitMix64(seed: seed)
    func range() -> Range<Int64> {
      let start = Int64.random(in: 0..<30, using: &generator)
      return start..<start + Int64.random(in: 0..<6, using: &generator)
    }
    for _ in 0..<500 {
      var windows = Windows()
      var plain: Set<Int64> = []
      for _ in 0..<Int.random(in: 0..<8, using: &generator) {
        let range = range()
        #expect(windows.insert(range) == !plain.isSuperset(of: range))
        plain.formUnion(range)
      }
      let probe = range()
      #expect((-1...40).allSatisfy { windows.contains($0) == plain.contains($0) })
      #expect(Set(windows.intersection(probe).ranges.flatMap(Array.init)) == plain.intersection(probe))
      #expect(windows.overlaps(probe) == !plain.isDisjoint(with: probe))
      var other = Windows()
      _ = other.insert(probe)
      #expect(windows.contains(other) == plain.isSuperset(of: probe))
      #expect(zip(windows.ranges, windows.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
      let union = windows.union(other)
      #expect(Set(union.ranges.flatMap(Array.init)) == plain.union(probe))
    }
  }
}
