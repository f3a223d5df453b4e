import SeededRandom
import Testing

@testable import Store

struct PostingSortTests {
  @Test(arguments: [0, 1, 2, 255, 256, 4_096, 40_000])
  func sortsAndDeduplicatesLikeASet(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let spread = (0..<count).map { _ in Posting(term: random.next(), ordinal: random.next() % 1_000) }
    let heavy = (0..<count).map { Posting(term: random.next() % 5 &* 0x3333_3333_3333_3333, ordinal: UInt64($0 / 3)) }
    // Terms somebody chose so that their top bits are the same.
    let colliding = (0..<count).map { Posting(term: 7 << 50 | random.next() % 3, ordinal: UInt64(count - $0)) }
    for postings in [spread, heavy, colliding] {
      var sorted = postings
      sorted.sortAndDeduplicate()
      #expect(sorted == Set(postings).sorted())
    }
  }
}
