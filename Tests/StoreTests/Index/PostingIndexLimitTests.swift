import GRDB
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
    var most = 0
    for ordinal: UInt64 in 0..<3_000 {
      try index.append([Posting(term: ordinal, ordinal: ordinal)], records: ordinal..<ordinal + 1)
      most = max(most, index.state.withLock { $0.tables.reduce(0) { $0 + $1.appendedCount } })
    }
    #expect(most == 3 * 50)
    #expect(index.coveredOrdinal >= 3_000 - 150)
  }

  /// Wherever the disk fills up, in a new segment or in a merge: the same calls work when there is room again.
  @Test(arguments: [8, 12, 16, 20])
  func aFullDiskLosesNothing(pages: Int) throws {
    let index = try PostingIndex(tiny: nil, tablePostings: 2_000, fanIn: 2)
    try setMaximumPages(pages, index)
    var failures = 0
    for start: UInt64 in stride(from: 0, to: 40_000, by: 1_000) {
      let postings = (start..<start + 1_000).map { Posting(term: $0 &* 0x9E37_79B9_7F4A_7C15, ordinal: $0) }
      do {
        try index.append(postings, records: start..<start + 1_000)
        try index.quiesce()
      } catch {
        #expect(error.reason == "DISK_FULL")
        failures += 1
        try setMaximumPages(1 << 20, index)
        try index.append(postings, records: start..<start + 1_000)
        try index.quiesce()
      }
    }
    #expect(failures == 1)
    #expect(try index.verify() == [])
    let untroubled = try PostingIndex(tiny: nil, tablePostings: 50_000)
    let all = (0..<40_000).map { Posting(term: $0 &* 0x9E37_79B9_7F4A_7C15, ordinal: $0) }
    try untroubled.append(all, records: 0..<40_000)
    #expect(try index.digest() == untroubled.digest())
  }

  private func setMaximumPages(_ count: Int, _ index: PostingIndex) throws {
    try index.database.connection.writeWithoutTransaction { db in
      _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(count)")
    }
  }

  @Test func aRecordOfManyPostingsStaysWhole() throws {
    let index = try PostingIndex(tiny: nil)
    try index.append((0..<9_999).map { Posting(term: $0, ordinal: 0) }, records: 0..<1)
    try index.quiesce()
    #expect(index.coveredOrdinal == 1)
    #expect(try index.ordinals(matching: [9_998], limit: 1) == [0])
  }
}
