import GRDB
import Primitives
import SeededRandom
import Synchronization
import Testing

@testable import Store

struct PostingIndexEachTests {
  /// Whatever is in memory, waiting, in segments or erased: many terms at once are answered like each alone.
  @Test(arguments: 1...8 as ClosedRange<UInt64>) func manyTermsAreAnsweredLikeEachAlone(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    var model = IndexModel(using: &random)
    let folder = try IndexFolder()
    var index = try PostingIndex(tiny: folder.path())
    for redactions in 1...30 {
      let start = model.count
      model.grow(by: Int.random(in: 0...60, using: &random), using: &random)
      try index.append(model.postings(start..<model.count), records: start..<model.count)
      for _ in 0..<Int.random(in: 0...4, using: &random) { _ = try index.step() }
      if model.count > 0, Int.random(in: 0..<4, using: &random) == 0 {
        let victim = UInt64.random(in: 0..<model.count, using: &random)
        try index.erase(Array(model.postings(victim..<victim + 1).prefix(2)), redactions: redactions)
      }
      try await check(index, model, using: &random, seed)
    }
    try index.quiesce()
    try await check(index, model, using: &random, seed)
    index = try PostingIndex(tiny: folder.path())
    try await check(index, model, using: &random, seed)
  }

  private func check(
    _ index: PostingIndex, _ model: IndexModel, using random: inout SplitMix64, _ seed: UInt64
  ) async throws {
    let asked = (0..<Int.random(in: 0...60, using: &random)).map { _ in model.someTerm(using: &random) }
    for limit in [0, 1, 7, .max] {
      let below = Bool.random(using: &random) ? UInt64.max : UInt64.random(in: 0...model.count, using: &random)
      let answers = try await index.ordinals(ofEach: asked, below: below, limit: limit)
      #expect(answers.count == asked.count, "seed \(seed)")
      for (term, answer) in zip(asked, answers) {
        let alone = try index.ordinals(matching: [term], below: below, limit: limit)
        #expect(answer == alone, "seed \(seed), term \(term), below \(below), limit \(limit)")
      }
    }
  }

  /// A term that fills many blocks is read no further than the limit goes, and its neighbours are found all the same.
  @Test(arguments: [1, 400, 500, 5_000, 100_000]) func heavyTermsAndTheirNeighbours(limit: Int) async throws {
    let index = try PostingIndex(tiny: nil, tablePostings: 60_000)
    let postings = (0..<30_000 as Range<UInt64>).flatMap { ordinal in
      [7, 8, 9, ordinal &* 0x9E37_79B9_7F4A_7C15].map { Posting(term: $0, ordinal: ordinal) }
    }
    try index.append(postings, records: 0..<30_000)
    try index.quiesce()
    let terms: [UInt64] = [9, 6, 8, 10, 7, 8, 0x9E37_79B9_7F4A_7C15 &* 77]
    let answers = try await index.ordinals(ofEach: terms, limit: limit)
    for (term, answer) in zip(terms, answers) {
      #expect(try answer == index.ordinals(matching: [term], limit: limit), "term \(term)")
    }
  }

  /// Of segments that have a filter, and that do not have the term, hardly a block is read.
  @Test func whereATermIsNotIsNotLooked() throws {
    let seed: UInt64 = 11
    var random = SplitMix64(seed: seed)
    let index = try PostingIndex(tiny: nil, tablePostings: 5_000, fanIn: 8)
    let postings = (0..<100_000).map { Posting(term: random.next(), ordinal: $0) }
    try index.append(postings, records: 0..<100_000)
    try index.quiesce()
    let segments = index.state.withLock(\.segments)
    let visits = { (terms: [UInt64]) in
      segments.reduce(0) { $0 + $1.visits(to: terms, below: .max, limit: 9).reduce(0) { $0 + $1.terms.count } }
    }
    let absent = (0..<1_000).map { _ in random.next() }
    #expect(segments.count > 4)
    #expect(absent.reduce(0) { $0 + visits([$1]) } < 30 * segments.count)
    let present = postings.prefix(1_000).map(\.term)
    #expect(present.allSatisfy { visits([$0]) >= 1 })
  }

  @Test func aBrokenBlockIsNeverAnswered() async throws {
    let index = try PostingIndex(tiny: nil)
    try index.append((0..<60).map { Posting(term: $0, ordinal: $0) }, records: 0..<60)
    try index.quiesce()
    try await index.database.connection.write { try $0.execute(sql: "UPDATE block SET bytes = zeroblob(8128)") }
    let failure = await #expect(throws: Failure.self) { try await index.ordinals(ofEach: [5], limit: 1) }
    #expect(failure?.reason == "INDEX_CORRUPT")
  }
}
