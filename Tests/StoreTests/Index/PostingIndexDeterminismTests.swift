import GRDB
import Primitives
import SeededRandom
import Synchronization
import Testing

@testable import Store

struct PostingIndexDeterminismTests {
  /// Everything on disk that depends on the log: the segments' checksums cover levels, records, fences and blocks.
  private func contents(_ index: PostingIndex) -> [Digest] {
    index.state.withLock(\.segments).map(\.checksum)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func theLogAloneDecidesTheSegments(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var model = IndexModel(using: &random)
    model.grow(by: 2_000, using: &random)
    let folder = try IndexFolder()
    var indexes: [PostingIndex] = []
    for groupSize in [1, 17, 400, 2_000] as [UInt64] {
      let index = try PostingIndex(tiny: folder.path("\(groupSize).db"))
      for start in stride(from: 0, to: model.count, by: UInt64.Stride(groupSize)) {
        let range = start..<min(start + groupSize, model.count)
        try index.append(model.postings(range), records: range)
        if Bool.random(using: &random) { _ = try index.step() }
      }
      try index.quiesce()
      indexes.append(index)
    }
    let first = try #require(indexes.first)
    #expect(contents(first).count > 3)
    for index in indexes {
      #expect(contents(index) == contents(first), "seed \(seed)")
      #expect(try index.digest() == first.digest(), "seed \(seed)")
      #expect(index.coveredOrdinal == first.coveredOrdinal, "seed \(seed)")
    }
  }

  @Test func theDigestIsThatOfThePostings() throws {
    var random = SplitMix64(seed: 5)
    var model = IndexModel(using: &random)
    model.grow(by: 500, using: &random)
    let small = try PostingIndex(tiny: nil)
    let large = try PostingIndex(path: nil, ledger: testLedger)
    for index in [small, large] { try index.append(model.postings(0..<500), records: 0..<500) }
    try small.quiesce()
    #expect(try small.digest() == large.digest())
    try large.append([Posting(term: 1, ordinal: 500)], records: 500..<501)
    #expect(try small.digest() != large.digest())
  }

  /// Merging overwrites the blocks of merged segments: 200 segments and 200 merges fit in a few rows.
  @Test func blocksAreUsedAgain() throws {
    let index = try PostingIndex(tiny: nil, tablePostings: 10, fanIn: 2)
    for ordinal: UInt64 in 0..<2_000 {
      try index.append([Posting(term: ordinal % 7, ordinal: ordinal)], records: ordinal..<ordinal + 1)
      try index.quiesce()
    }
    let rows = try index.database.connection.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM block") }
    #expect(try #require(rows) < 20)
  }
}
