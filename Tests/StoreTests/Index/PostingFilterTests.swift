import Foundation
import SeededRandom
import Testing

@testable import Store

struct PostingFilterTests {
  private func filter(_ postings: [Posting]) -> PostingFilter { postings.withUnsafeBufferPointer { PostingFilter($0) } }

  /// Hashed terms, and those of siblings, which differ in the lower half only.
  @Test(arguments: [UInt64.max, 0xFFFF_FFFF]) func knowsItsTermsAndFewOthers(mask: UInt64) throws {
    let seed: UInt64 = 3
    var random = SplitMix64(seed: seed)
    var mistakes = 0
    for count in [1, 2, 5, 40, 400, 4_000] {
      let terms = (0..<count).map { _ in random.next() & mask | 7 << 62 }.sorted()
      let filter = filter(terms.flatMap { [Posting(term: $0, ordinal: 1), Posting(term: $0, ordinal: 2)] })
      #expect(terms.allSatisfy(filter.canHave), "seed \(seed)")
      mistakes += (0..<1_000).count { _ in filter.canHave(random.next() & mask | 7 << 62) }
    }
    #expect(mistakes < 150, "seed \(seed)")
  }

  @Test func givesBackWhatWasWritten() throws {
    let filters = [0, 1, 700].map { count in
      filter((0..<count).map { Posting(term: UInt64($0) << 40, ordinal: 0) })
    }
    var bytes = Data()
    for filter in filters { filter.write(to: &bytes) }
    var offset = 0
    let read = bytes.withUnsafeBytes { bytes in filters.map { _ in PostingFilter(bytes, at: &offset) } }
    #expect(read == filters && offset == bytes.count)
    var short = 0
    #expect(
      bytes.prefix(9).withUnsafeBytes { bytes in filters.map { _ in PostingFilter(bytes, at: &short) } }.contains(nil))
  }

  @Test func everythingIsEverything() { #expect(PostingFilter.everything.canHave(5)) }
}
