import GRDB
package import Primitives
import Synchronization

/// What the index's one writing transaction at a time owns.
struct Maintenance: Sendable {
  var rows: BlockRows
  var nextSegment: Int64
  /// The merge under way, if any.
  var merge: SegmentMerge?
  /// Segments that were replaced but may have readers.
  var retired: [Retired] = []
  /// Free rows that may hold what was erased: used again when they are overwritten.
  var unclean: [UInt32] = []
  /// The redactions that the index has followed once no row is unclean; nil when it has followed all.
  var followed: Int?
}

/// A segment that no new reader gets, and the block rows that only its readers need.
struct Retired: Sendable {
  var segment: Segment
  let rows: Set<UInt32>
}

extension Maintenance {
  /// What a database that was just opened holds: its free rows, and its segments.
  static func open(_ db: Database) throws -> (Maintenance, [Segment]) {
    let segments = try IndexDatabase.segments(db)
    let used = Set(segments.lazy.flatMap(\.fences).map(\.block))
    let last = try UInt32.fetchOne(db, sql: "SELECT max(id) FROM block") ?? 0
    let nextSegment = (segments.map(\.id).max() ?? 0) + 1
    return (Maintenance(rows: BlockRows(last: last, used: used), nextSegment: nextSegment), segments)
  }

  /// Frees the blocks of replaced segments whose last reader has gone.
  mutating func reclaim() {
    for index in retired.indices.reversed() where isKnownUniquelyReferenced(&retired[index].segment) {
      let free = retired.remove(at: index).rows
      if followed == nil { rows.release(free) } else { unclean += free }
    }
  }
}

extension PostingIndex {
  /// Writes segments and merges them until it is cancelled. After each bounded piece of work it waits for `pause`, which
  /// should be short while `isPilingUp`.
  ///
  /// Throws what the disk makes it throw; it may then be run again. To be run once at a time.
  package func run(pause: @Sendable () async -> Void = { await Task.yield() }) async throws(Failure) {
    do {
      for await _ in work {
        while try await database.connection.writeWithoutTransaction({ try self.maintain($0) }) { await pause() }
      }
    } catch is CancellationError {
      return
    } catch {
      try reading { throw error }
    }
  }

  /// Whether there is more to do than can wait: a full table, or as many segments of one level as two merges take.
  package var isPilingUp: Bool {
    state.withLock { state in
      !state.frozen.isEmpty
        || Dictionary(grouping: state.segments, by: \.level).contains { $0.value.count >= 2 * fanIn }
    }
  }

  /// Writes every full table and finishes every merge that is due. What is left in memory is less than one table.
  package func quiesce() throws(Failure) {
    try reading {
      while try database.connection.writeWithoutTransaction(maintain) {}
    }
  }

  /// Makes room in memory: the oldest full table becomes a segment, unless somebody was quicker.
  func flushOldest() throws(Failure) {
    try reading {
      try database.connection.writeWithoutTransaction { db in
        _ = try maintenance.withLock { try flush(db, &$0) }
      }
    }
  }

  /// One bounded piece of work, tables before merges; false when there is none.
  func maintain(_ db: Database) throws -> Bool {
    try maintenance.withLock { maintenance in
      maintenance.reclaim()
      return try flush(db, &maintenance) || merge(db, &maintenance) || clean(db, &maintenance)
    }
  }

  private func flush(_ db: Database, _ maintenance: inout Maintenance) throws -> Bool {
    guard let table = state.withLock(\.frozen.first) else { return false }
    var writer = SegmentWriter(level: 0, records: table.records)
    var rows = maintenance.rows
    let postings = table.sorted()
    var segment = writer.finish(id: maintenance.nextSegment)
    try db.inTransaction {
      _ = try postings.withUnsafeBufferPointer { try writer.write($0, last: true, db, &rows) }
      segment = writer.finish(id: maintenance.nextSegment)
      try IndexDatabase.replace(db, [], with: segment)
      return .commit
    }
    maintenance.rows = rows
    maintenance.nextSegment += 1
    state.withLock { state in
      state.frozen.removeFirst()
      state.segments.append(segment)
      state.freezeIfFull(tablePostings)
    }
    return true
  }

  /// One step of the merge under way, or of the next one that is due.
  private func merge(_ db: Database, _ maintenance: inout Maintenance) throws -> Bool {
    guard var merge = try maintenance.merge.take() ?? dueMerge(db) else { return false }
    let earlier = merge.fences.count
    var rows = maintenance.rows
    var merged: Segment?
    do {
      try db.inTransaction {
        merged = try merge.step(id: maintenance.nextSegment, db, &rows)
        if let merged { try IndexDatabase.replace(db, merge.segments, with: merged) }
        return .commit
      }
    } catch {
      maintenance.rows.release(merge.fences.prefix(earlier).map(\.block))
      throw error
    }
    maintenance.rows = rows
    guard let merged else {
      maintenance.merge = merge
      return true
    }
    maintenance.nextSegment += 1
    maintenance.retired += merge.segments.map { Retired(segment: $0, rows: Set($0.fences.map(\.block))) }
    state.withLock { $0.replace(merge.segments, with: merged) }
    return true
  }

  /// The oldest `fanIn` segments of the lowest level that has as many.
  private func dueMerge(_ db: Database) throws -> SegmentMerge? {
    let segments = state.withLock(\.segments)
    let levels = Dictionary(grouping: segments, by: \.level).filter { $0.value.count >= fanIn }
    guard let (level, all) = levels.min(by: { $0.key < $1.key }) else { return nil }
    let oldest = Array(all.prefix(fanIn))
    let records = oldest[0].records.lowerBound..<oldest[fanIn - 1].records.upperBound
    return try SegmentMerge(oldest, records: records, level: level + 1, db)
  }
}

extension PostingIndex.State {
  /// Puts `merged` where the consecutive segments `old` were.
  mutating func replace(_ old: [Segment], with merged: Segment) {
    guard let start = segments.firstIndex(where: { $0.id == old[0].id }) else { return }
    segments.replaceSubrange(start..<start + old.count, with: [merged])
  }
}
