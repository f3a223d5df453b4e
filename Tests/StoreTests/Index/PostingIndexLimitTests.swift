import Primitives
import Synchronization
import Testing

@testable import Store

struct PostingIndexLimitTests {
  @Test func aGapIsRefused() throws {
    let index = try PostingIndex(tiny: nil)
    let failure = #expect(throws: Failure.self) { try index.append([], records: 1..<2) }
    #expect(failure?.reason == "INDEX_GAP")
  }

  @Test(arguments: [[2, 1], [5], [0, 10]] as [[UInt64]])
  func postingsThatDoNotFollowAreRefused(ordinals: [UInt64]) throws {
    let index = try PostingIndex(tiny: nil)
    try index.append([], records: 0..<1)
    let postings = ordinals.map { Posting(term: 1, ordinal: $0) }
    let failure = #expect(throws: Failure.self) { try index.append(postings, records: 1..<3) }
    #expect(failure?.reason == "INDEX_ORDER")
    #expect(index.reachedOrdinal == 1)
  }

  @Test func tooManyTermsAreRefused() throws {
    let index = try PostingIndex(tiny: nil)
    let terms = (0...UInt64(PostingIndex.maximumTerms)).map { $0 }
    let failure = #expect(throws: Failure.self) { try index.ordinals(matching: terms, limit: 1) }
    #expect(failure?.kind == .outOfRange && failure?.reason == "INDEX_TERMS")
    #expect(try index.ordinals(matching: Array(terms.dropFirst()), limit: 1) == [])
  }

  @Test func emptyQuestionsHaveEmptyAnswers() throws {
    let index = try PostingIndex(tiny: nil)
    try index.append([Posting(term: 1, ordinal: 0)], records: 0..<1)
    #expect(try index.ordinals(matching: [], limit: 10) == [])
    #expect(try index.ordinals(matching: [1], limit: 0) == [])
    #expect(try index.ordinals(matching: [1], limit: -1) == [])
    #expect(try index.ordinals(matching: [1], after: .max, limit: 10) == [])
    #expect(try index.ordinals(matching: [1], below: 0, limit: 10) == [])
    #expect(try index.ordinals(matching: [1], limit: 10) == [0])
  }

  @Test func memoryStaysBoundedWithoutBackgroundWork() throws {
    let index = try PostingIndex(tiny: nil)
    for ordinal: UInt64 in 0..<3_000 {
      try index.append([Posting(term: ordinal, ordinal: ordinal)], records: ordinal..<ordinal + 1)
      let inMemory = index.state.withLock { $0.tables.reduce(0) { $0 + $1.appendedCount } }
      #expect(inMemory <= 3 * 50)
    }
    #expect(index.coveredOrdinal >= 3_000 - 150)
  }

  @Test func aRecordOfManyPostingsStaysWhole() throws {
    let index = try PostingIndex(tiny: nil)
    try index.append((0..<9_999).map { Posting(term: $0, ordinal: 0) }, records: 0..<1)
    try index.quiesce()
    #expect(index.coveredOrdinal == 1)
    #expect(try index.ordinals(matching: [9_998], limit: 1) == [0])
  }
}
