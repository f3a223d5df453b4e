import Foundation
import GRDB
package import Primitives
import Synchronization

extension PostingIndex {
  /// Forgets postings of records that were erased, `redactions` of them by now. No answer has them when it returns; `run`
  /// and `quiesce` then overwrite what is left of them in the file, as soon as nobody reads it.
  package func erase(_ postings: [Posting], redactions: Int) throws(Failure) {
    let erased = Set(postings)
    try Failure.index {
      try database.connection.writeWithoutTransaction { db in
        try maintenance.withLock { try erase(erased, redactions: redactions, db, &$0) }
      }
    }
    workSignal.yield()
  }

  /// How many redactions the index has followed to the end; the file of one that lags behind the ledger is made anew.
  func followedRedactions() throws(Failure) -> Int {
    try Failure.index { try database.connection.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 } }
  }

  /// Notes that nothing in the file leads to the first so many erased records.
  func follow(redactions: Int) throws(Failure) {
    try Failure.index {
      try database.connection.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = \(redactions)") }
    }
  }

  private func erase(
    _ erased: Set<Posting>, redactions: Int, _ db: Database, _ maintenance: inout Maintenance
  ) throws {
    let ordinals = Set(erased.map(\.ordinal))
    let affected = state.withLock(\.segments).filter { ordinals.contains(where: $0.records.contains) }
    var rows = maintenance.rows
    var rewritten: [(old: Segment, new: Segment)] = []
    try db.inTransaction {
      for segment in affected {
        let id = maintenance.nextSegment + Int64(rewritten.count)
        guard let new = try segment.rewritten(as: id, without: erased, db, &rows) else { continue }
        try IndexDatabase.replace(db, [segment], with: new)
        rewritten.append((segment, new))
      }
      return .commit
    }
    maintenance.rows = rows
    maintenance.nextSegment += Int64(rewritten.count)
    // A merge under way has taken in what must not come out.
    if let merge = maintenance.merge.take() { maintenance.rows.release(merge.fences.map(\.block)) }
    maintenance.retired += rewritten.map { old, new in
      Retired(segment: old, rows: Set(old.fences.map(\.block)).subtracting(new.fences.map(\.block)))
    }
    maintenance.unclean += maintenance.rows.takeFree()
    maintenance.followed = redactions
    state.withLock { state in
      for (old, new) in rewritten { state.replace([old], with: new) }
      state.remove(erased, ordinals)
      state.isErasing = true
    }
  }

  /// Overwrites some of the free rows that may hold what was erased. After the last, and when nobody reads what is in the
  /// journal, the index has followed the ledger's redactions. False when there is no more to do for now.
  func clean(_ db: Database, _ maintenance: inout Maintenance) throws -> Bool {
    guard let redactions = maintenance.followed else { return false }
    let rows = maintenance.unclean.suffix(256)
    if !rows.isEmpty {
      try db.inTransaction {
        for row in rows { try IndexDatabase.clear(db, row: row) }
        return .commit
      }
      maintenance.unclean.removeLast(rows.count)
      maintenance.rows.release(rows)
      return true
    }
    guard maintenance.retired.isEmpty, try Store.cutJournal(db) else { return false }
    try db.execute(sql: "PRAGMA user_version = \(redactions)")
    maintenance.followed = nil
    state.withLock { $0.isErasing = false }
    return false
  }
}

extension Segment {
  /// The same segment without some postings: blocks that had one are written anew, the others stay. Nil when it had none.
  fileprivate func rewritten(
    as id: Int64, without erased: Set<Posting>, _ db: Database, _ rows: inout BlockRows
  ) throws -> Segment? {
    let blocks = Set(erased.filter { records.contains($0.ordinal) }.compactMap(block(containing:)))
    var count = postingCount
    var fences: [Fence] = []
    for (number, fence) in self.fences.enumerated() {
      guard blocks.contains(number) else {
        fences.append(fence)
        continue
      }
      let postings = try IndexDatabase.postings(db, self, block: number)
      let rest = postings.filter { !erased.contains($0) }
      count -= postings.count - rest.count
      if rest.count == postings.count {
        fences.append(fence)
      } else if !rest.isEmpty {
        // What is left of a block never needs more room than the block had, so it is one again.
        var writer = SegmentWriter(level: level, records: records)
        _ = try rest.withUnsafeBufferPointer { try writer.write($0, last: true, db, &rows) }
        fences += writer.fences
      }
    }
    if count == postingCount { return nil }
    return Segment(id: id, level: level, records: records, postingCount: count, fences: fences)
  }
}

extension PostingIndex.State {
  fileprivate mutating func remove(_ erased: Set<Posting>, _ ordinals: Set<UInt64>) {
    active.remove(erased, ordinals)
    for index in frozen.indices { frozen[index].remove(erased, ordinals) }
  }
}
