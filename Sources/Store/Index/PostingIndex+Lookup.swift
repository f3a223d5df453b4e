import GRDB
package import Primitives
import Synchronization

extension PostingIndex {
  /// Which end of the log an answer starts from.
  package enum Order: Sendable {
    case oldestFirst, newestFirst
  }

  /// The most terms one question may have: each holds a block in memory.
  package static let maximumTerms = 1_000

  /// The records above `after` and below `below` that mention any of the `terms`, each once, at most `limit` of them.
  ///
  /// Reads one block for each segment and term, and more only as far as the answer goes. Some records may not mention the
  /// term after all (see the type). Throws outOfRange INDEX_TERMS for too many terms, corrupt INDEX_CORRUPT rather than a
  /// wrong answer.
  package func ordinals(
    matching terms: [UInt64], after: UInt64? = nil, below: UInt64 = .max, order: Order = .oldestFirst, limit: Int
  ) throws(Failure) -> [UInt64] {
    let terms = Set(terms)
    guard terms.count <= Self.maximumTerms else {
      throw Failure(
        .outOfRange, "INDEX_TERMS", "\(terms.count) terms in one question; \(Self.maximumTerms) are allowed")
    }
    guard after != .max, case let start = after.map({ $0 + 1 }) ?? 0, start < below, limit > 0 else { return [] }
    let state = self.state.withLock { $0 }
    var answer = Answer(terms: terms, window: start..<below, order: order, limit: limit)
    return try reading {
      // A segment's blocks are overwritten when nobody holds it any more.
      try withExtendedLifetime(state) {
        if order == .newestFirst { answer.add(state.tables) }
        try answer.add(state.segments, database)
        if order == .oldestFirst { answer.add(state.tables) }
        return answer.ordinals
      }
    }
  }

  /// About how many records mention `term`, so that of several terms the rarest can be asked for; a few thousand for
  /// each segment are not counted. Reads nothing from disk.
  package func estimatedCount(of term: UInt64) -> Int {
    let state = self.state.withLock { $0 }
    let first = Posting(term: term, ordinal: 0)
    let last = Posting(term: term, ordinal: .max)
    let onDisk = state.segments.reduce(0) { total, segment in
      guard let start = segment.block(containing: first), let end = segment.block(containing: last) else {
        return total
      }
      return total + (end - start) * PostingBlock.maximumPostings * 3 / 4
    }
    return state.tables.reduce(onDisk) { $0 + $1.count(of: term) }
  }
}

extension PostingIndex.State {
  /// What is in memory, oldest first.
  var tables: [Memtable] { frozen + [active] }
}

/// The answer to one question while it grows. Sources are added in the order asked for; their records do not overlap, so
/// each only appends.
private struct Answer {
  let terms: Set<UInt64>
  let window: Range<UInt64>
  let order: PostingIndex.Order
  let limit: Int
  var ordinals: [UInt64] = []

  var isFull: Bool { ordinals.count >= limit }

  mutating func add(_ tables: [Memtable]) {
    for table in order == .oldestFirst ? tables : tables.reversed() where table.records.overlaps(window) {
      if order == .newestFirst { addTail(table.tail) }
      for run in order == .oldestFirst ? table.runs : table.runs.reversed() {
        if isFull { return }
        add(terms.flatMap { matches($0, in: run) })
      }
      if order == .oldestFirst { addTail(table.tail) }
    }
  }

  private mutating func addTail(_ tail: [Posting]) {
    if isFull { return }
    let matching =
      if terms.count == 1, let term = terms.first {
        tail.filter { $0.term == term && window.contains($0.ordinal) }
      } else {
        tail.filter { terms.contains($0.term) && window.contains($0.ordinal) }
      }
    add(matching.map(\.ordinal))
  }

  private func matches(_ term: UInt64, in run: [Posting]) -> [UInt64] {
    let start = run.lowerBound(Posting(term: term, ordinal: window.lowerBound))
    return run[start...].prefix { $0.term == term && $0.ordinal < window.upperBound }.map(\.ordinal)
  }

  /// Adds what one run matched, in any order.
  private mutating func add(_ matches: some Sequence<UInt64>) {
    let sorted = order == .oldestFirst ? matches.sorted() : matches.sorted(by: >)
    for ordinal in sorted where !isFull && ordinal != ordinals.last { ordinals.append(ordinal) }
  }

  mutating func add(_ segments: [Segment], _ database: IndexDatabase) throws {
    let segments = segments.filter { $0.records.overlaps(window) }
    guard !isFull, !segments.isEmpty else { return }
    try database.connection.read { db in
      for segment in order == .oldestFirst ? segments : segments.reversed() where !isFull {
        var cursors = terms.map { TermCursor($0, in: segment, window: window, order: order) }
        try addUnion(of: &cursors, db)
      }
    }
  }

  private mutating func addUnion(of cursors: inout [TermCursor], _ db: Database) throws {
    var heads: [(ordinal: UInt64, cursor: Int)] = []
    for index in cursors.indices {
      if let ordinal = try cursors[index].next(db) { heads.append((ordinal, index)) }
    }
    while !isFull, let next = heads.indices.min(by: { precedes(heads[$0].ordinal, heads[$1].ordinal) }) {
      if heads[next].ordinal != ordinals.last { ordinals.append(heads[next].ordinal) }
      if let ordinal = try cursors[heads[next].cursor].next(db) {
        heads[next].ordinal = ordinal
      } else {
        heads.remove(at: next)
      }
    }
  }

  private func precedes(_ left: UInt64, _ right: UInt64) -> Bool {
    order == .oldestFirst ? left < right : left > right
  }
}
