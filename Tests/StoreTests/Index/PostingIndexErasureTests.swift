import Foundation
import GRDB
import Primitives
import SeededRandom
import Synchronization
import Testing

@testable import Store

struct PostingIndexErasureTests {
  /// Erasures between appends, background work and reopenings: the index is as if the postings had never been.
  @Test(arguments: 1...8 as ClosedRange<UInt64>) func forgetsWhereverItIs(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let folder = try IndexFolder()
    let index = try PostingIndex(tiny: folder.path())
    var kept: [Posting] = []
    var count: UInt64 = 0
    for redactions in 1...40 {
      let records = count..<count + UInt64.random(in: 1...60, using: &random)
      let added = records.flatMap { ordinal in
        Set((0..<3).map { _ in UInt64.random(in: 0..<90, using: &random) << 57 | 1 }).sorted()
          .map { Posting(term: $0, ordinal: ordinal) }
      }
      try index.append(added, records: records)
      (kept, count) = (kept + added, records.upperBound)
      for _ in 0..<Int.random(in: 0...3, using: &random) { _ = try index.step() }
      let victim = UInt64.random(in: 0..<count, using: &random)
      let erased = kept.filter { $0.ordinal == victim && $0.term % 2 == 1 }
      kept.removeAll { erased.contains($0) }
      try index.erase(erased, redactions: redactions)
      for posting in erased {
        let found = try index.ordinals(matching: [posting.term], limit: .max)
        #expect(!found.contains(victim), "seed \(seed)")
      }
    }
    try index.quiesce()
    #expect(try index.verify() == [], "seed \(seed)")
    #expect(try index.followedRedactions() == 40, "seed \(seed)")
    try expect(index, holds: kept, of: count, "seed \(seed)")
    #expect(try leftovers(index) == 0, "seed \(seed)")
  }

  @Test func aWholeBlockMayGo() throws {
    let folder = try IndexFolder()
    let index = try PostingIndex(tiny: folder.path())
    let postings = (0..<60).map { Posting(term: $0 << 50, ordinal: 0) }
    try index.append(postings, records: 0..<1)
    try index.quiesce()
    try index.erase(postings, redactions: 1)
    try index.quiesce()
    #expect(try index.verify() == [])
    #expect(try index.ordinals(matching: postings.map(\.term), limit: 9) == [])
    #expect(try leftovers(index) == 0)
    #expect(try PostingIndex(tiny: folder.path()).followedRedactions() == 1)
  }

  @Test func aReaderKeepsItsBlocksUntilItHasGone() throws {
    let folder = try IndexFolder()
    let index = try PostingIndex(tiny: folder.path())
    let postings = (0..<60 as Range<UInt64>).map { Posting(term: 7 << 50, ordinal: $0) }
    try index.append(postings, records: 0..<60)
    try index.quiesce()
    try withExtendedLifetime(index.state.withLock(\.segments)) {
      try index.erase([postings[5]], redactions: 1)
      try index.quiesce()
      #expect(try index.followedRedactions() == 0)
    }
    try index.quiesce()
    #expect(try index.followedRedactions() == 1)
    #expect(try leftovers(index) == 0)
  }

  private func expect(_ index: PostingIndex, holds kept: [Posting], of count: UInt64, _ comment: Comment) throws {
    let plain = try PostingIndex(tiny: nil)
    try plain.append(kept.sorted { $0.ordinal < $1.ordinal }, records: 0..<count)
    #expect(try index.digest() == plain.digest(), comment)
  }

  /// Rows that no segment names and that still hold something.
  private func leftovers(_ index: PostingIndex) throws -> Int {
    let used = Set(index.state.withLock(\.segments).flatMap(\.fences).map(\.block))
    return try index.database.connection.read { db in
      try Row.fetchAll(db, sql: "SELECT id, bytes FROM block").filter { row in
        try !used.contains(UInt32(row.natural(0))) && row.data(1).contains { $0 != 0 }
      }.count
    }
  }
}
