import GRDB
package import Primitives
import Synchronization

extension PostingIndex {
  /// For each term the records below `below` that mention it, ascending, at most `limit` each.
  ///
  /// Which blocks to read is known from memory. Each is read once, whatever the number of terms in it, and several
  /// connections share them; so many terms at once cost far less than one by one. Some records may not mention the term
  /// after all (see the type). Throws corrupt INDEX_CORRUPT rather than a wrong answer.
  package func ordinals(
    ofEach terms: [UInt64], below: UInt64 = .max, limit: Int
  ) async throws(Failure) -> [[UInt64]] {
    guard below > 0, limit > 0 else { return terms.map { _ in [] } }
    let sorted = Set(terms).sorted()
    let state = self.state.withLock { $0 }
    let visits = state.segments.flatMap { $0.visits(to: sorted, below: below, limit: limit) }
    var answer = EachAnswer(terms: sorted, below: below, limit: limit)
    for finds in try await finds(of: sorted, visits, state) { answer.add(finds) }
    for table in state.tables { answer.add(table) }
    return answer.ordinals(ofEach: terms)
  }

  /// What is found on each visit, in the order of the visits.
  private func finds(
    of terms: [UInt64], _ visits: [Segment.Visit], _ state: State
  ) async throws(Failure) -> [[TermFind]] {
    // A segment's blocks are overwritten when nobody holds it any more.
    let finds: @Sendable (Database, ArraySlice<Segment.Visit>) throws -> [[TermFind]] = { db, visits in
      try withExtendedLifetime(state) { try visits.map { try IndexDatabase.finds(db, $0, terms) } }
    }
    do {
      return try await visits.inParallel(upTo: IndexDatabase.maximumReaders) { visits in
        try database.connection.read { try finds($0, visits) }
      } many: { visits in
        try await self.database.connection.read { try finds($0, visits) }
      }
    } catch { return try reading { throw error } }
  }
}

/// A posting of one of several sorted terms.
struct TermFind: Sendable {
  /// Which of the terms.
  let term: Int
  let ordinal: UInt64
}

extension Segment {
  /// One block to be read, and which of some sorted terms may be in it.
  struct Visit: Sendable {
    let segment: Segment
    let block: Int
    var terms: Range<Int>
  }

  /// The blocks in which the sorted `terms` can be, in order. Of a term that fills many blocks the first few, as many as
  /// hold `limit` postings whatever is in them.
  func visits(to terms: [UInt64], below: UInt64, limit: Int) -> [Visit] {
    guard records.lowerBound < below else { return [] }
    let most = 2 + limit / PostingBlock.leastPostings
    var visits: [Visit] = []
    for (index, term) in terms.enumerated() {
      for block in blocks(of: term, in: 0..<below).prefix(most) where fences[block].filter.canHave(term) {
        if let last = visits.last, last.block == block {
          visits[visits.count - 1].terms = last.terms.lowerBound..<index + 1
        } else {
          visits.append(Visit(segment: self, block: block, terms: index..<index + 1))
        }
      }
    }
    return visits
  }
}

/// The answers to a question about many terms while they grow, in the order of the records.
private struct EachAnswer {
  /// So many are looked for one after the other sooner than each posting is looked up among them.
  private static let fewTerms = 8

  let terms: [UInt64]
  let below: UInt64
  let limit: Int
  private var ordinals: [[UInt64]]

  init(terms: [UInt64], below: UInt64, limit: Int) {
    self.terms = terms
    self.below = below
    self.limit = limit
    ordinals = terms.map { _ in [] }
  }

  mutating func add(_ finds: [TermFind]) {
    for find in finds { add(find.ordinal, to: find.term) }
  }

  mutating func add(_ table: Memtable) {
    guard table.records.lowerBound < below else { return }
    for run in table.runs {
      for (index, term) in terms.enumerated() {
        let start = run.lowerBound(Posting(term: term, ordinal: 0))
        for posting in run[start...].prefix(while: { $0.term == term }) { add(posting.ordinal, to: index) }
      }
    }
    if terms.count <= Self.fewTerms {
      for (index, term) in terms.enumerated() {
        for posting in table.tail where posting.term == term { add(posting.ordinal, to: index) }
      }
      return
    }
    for posting in table.tail {
      let index = terms.lowerBound(of: posting.term)
      if index < terms.count, terms[index] == posting.term { add(posting.ordinal, to: index) }
    }
  }

  private mutating func add(_ ordinal: UInt64, to term: Int) {
    guard ordinal < below, ordinals[term].count < limit, ordinals[term].last != ordinal else { return }
    ordinals[term].append(ordinal)
  }

  /// The answers in the order asked for.
  func ordinals(ofEach asked: [UInt64]) -> [[UInt64]] { asked.map { ordinals[terms.lowerBound(of: $0)] } }
}

extension [UInt64] {
  /// The index of the first element that is not below `value`; the array is sorted.
  fileprivate func lowerBound(of value: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
