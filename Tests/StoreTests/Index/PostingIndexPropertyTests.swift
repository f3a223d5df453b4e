import Primitives
import SeededRandom
import Testing

@testable import Store

struct PostingIndexPropertyTests {
  /// Random appends, background work, reopenings and crashes; after each, every answer is the model's.
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func answersLikeThePlainIndex(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var model = IndexModel(using: &random)
    let folder = try IndexFolder()
    var index = try PostingIndex(tiny: folder.path())
    for round in 0..<30 {
      model.grow(by: Int.random(in: 0...60, using: &random), using: &random)
      try feed(index, model, using: &random)
      for _ in 0..<Int.random(in: 0...4, using: &random) { _ = try index.step() }
      if Int.random(in: 0..<6, using: &random) == 0 {
        index = try PostingIndex(tiny: folder.path())
        try feed(index, model, using: &random)
      }
      if Int.random(in: 0..<6, using: &random) == 0 {
        try folder.copy(to: "crash\(round).db", walFraction: Double.random(in: 0...1, using: &random))
        let survivor = try PostingIndex(tiny: folder.path("crash\(round).db"))
        #expect(try survivor.verify() == [], "seed \(seed)")
        try feed(survivor, model, using: &random)
        try model.check(survivor, questions: 5, using: &random, seed)
        #expect(try survivor.digest() == index.digest(), "seed \(seed)")
      }
      try model.check(index, questions: 10, using: &random, seed)
    }
    try index.quiesce()
    #expect(try index.verify() == [], "seed \(seed)")
    try model.check(index, questions: 100, using: &random, seed)
  }

  /// Appends what the index lacks, in groups of any size, some of them overlapping what it has.
  private func feed(_ index: PostingIndex, _ model: IndexModel, using random: inout SplitMix64) throws {
    var next = index.reachedOrdinal
    #expect(index.coveredOrdinal <= next)
    while next < model.count {
      let start = next - UInt64.random(in: 0...min(next, 5), using: &random)
      let end = min(next + UInt64.random(in: 1...40, using: &random), model.count)
      try index.append(model.postings(start..<end), records: start..<end)
      #expect(index.reachedOrdinal == end)
      next = end
    }
  }

  @Test func fullBlocksAndLongTails() throws {
    var random = SplitMix64(seed: 99)
    let folder = try IndexFolder()
    let index = try PostingIndex(tiny: folder.path(), tablePostings: 20_000, fanIn: 2)
    let terms = (0..<5_000).map { _ in random.next() }
    var expected: [UInt64: [UInt64]] = [:]
    for start in stride(from: 0 as UInt64, to: 60_000, by: 3_000) {
      let postings = (start..<start + 3_000).flatMap { ordinal in
        [Posting(term: 5, ordinal: ordinal), Posting(term: terms[Int(random.next() % 5_000)], ordinal: ordinal)]
      }
      for posting in postings { expected[posting.term, default: []].append(posting.ordinal) }
      try index.append(postings, records: start..<start + 3_000)
      if start.isMultiple(of: 9_000) { _ = try index.step() }
    }
    for quiet in [false, true] {
      if quiet { try index.quiesce() }
      for (term, ordinals) in expected where term < .max / 20 {
        #expect(try index.ordinals(matching: [term], limit: .max) == ordinals)
        #expect(try index.ordinals(matching: [term], order: .newestFirst, limit: .max) == ordinals.reversed())
      }
      #expect(try index.ordinals(matching: [5], after: 29_999, limit: 3) == [30_000, 30_001, 30_002])
      #expect((30_000...90_000).contains(index.estimatedCount(of: 5)))
    }
    #expect(try index.verify() == [])
  }

  /// A question pages through a heavy term without missing or repeating a record.
  @Test func pagesMeet() throws {
    let folder = try IndexFolder()
    let index = try PostingIndex(tiny: folder.path(), tablePostings: 700)
    try index.append((0..<5_000).map { Posting(term: 1, ordinal: $0) }, records: 0..<5_000)
    try index.quiesce()
    var pages: [UInt64] = []
    while case let page = try index.ordinals(matching: [1], after: pages.last, limit: 333), !page.isEmpty {
      pages += page
    }
    #expect(pages == Array(0..<5_000))
  }
}
