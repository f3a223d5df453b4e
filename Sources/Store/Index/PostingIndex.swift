import Foundation
import GRDB
package import Primitives
import Synchronization

/// The item index: which records mention a term, answered from memory for recent records and from immutable sorted
/// segments for older ones.
///
/// Appending sorts in memory and never writes at random. Memory becomes a segment after a fixed number of
/// postings, and `fanIn` segments of one level become one of the next, so which segments there are when everything is
/// quiet depends on the log alone. The index is derived data: what it has not written, and all of it if its file is
/// deleted, is appended again from the ledger.
///
/// Terms are hashes and may collide: an answer can name a record too many, never one too few.
package final class PostingIndex: Sendable {
  /// What readers see, replaced piece by piece under one lock.
  struct State: Sendable {
    /// In the order of their records.
    var segments: [Segment]
    /// Full tables that wait to become segments, oldest first; at most `maximumFrozen`.
    var frozen: [Memtable] = []
    var active: Memtable
    /// The records below this have been appended.
    var reached: UInt64
    /// Whether the file may still hold what was erased.
    var isErasing = false
  }

  /// Postings in one table of the item index.
  package static let standardTablePostings = 1 << 18
  /// How many full tables may wait before the writer has to help.
  static let maximumFrozen = 2

  let database: IndexDatabase
  private let path: String?
  let state: Mutex<State>
  let maintenance: Mutex<Maintenance>
  let tablePostings: Int
  let fanIn: Int
  let work: AsyncStream<Void>
  let workSignal: AsyncStream<Void>.Continuation

  /// Opens the index of one ledger, or an empty one in memory for a nil path.
  ///
  /// Throws corrupt INDEX_CORRUPT when the file is broken, not an index or another ledger's: delete it (with its `-wal`
  /// and `-shm`), open again and append everything. `tablePostings` × 16 bytes × 4 bounds the memory; changing it or
  /// `fanIn` changes which segments there are, not what they answer.
  package init(
    path: String?, ledger: Digest, tablePostings: Int = standardTablePostings, fanIn: Int = 8
  ) throws(Failure) {
    let database = try IndexDatabase(path: path, ledger: ledger)
    let (maintenance, segments) = try Failure.index { try database.connection.read(Maintenance.open) }
    self.database = database
    self.path = path
    let reached = segments.last?.records.upperBound ?? 0
    state = Mutex(State(segments: segments, active: Memtable(start: reached), reached: reached))
    self.maintenance = Mutex(maintenance)
    self.tablePostings = max(tablePostings, 1)
    self.fanIn = max(fanIn, 2)
    (work, workSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    workSignal.yield()
  }

  /// The records below this are in segments; after a restart, append from the record with this ordinal on.
  package var coveredOrdinal: UInt64 {
    state.withLock { $0.segments.last?.records.upperBound ?? 0 }
  }

  /// The records below this are in the index, on disk or in memory.
  package var reachedOrdinal: UInt64 { state.withLock(\.reached) }
}

extension PostingIndex {
  /// What is put behind the index file's name once something in it was found broken.
  package static let brokenSuffix = "-broken"

  /// Leaves a note beside the file that it is broken, so that whoever opens it next makes it anew.
  package func markBroken() {
    // Without the note the next start trusts the file and the next reader of the block tries again.
    if let path { _ = FileManager.default.createFile(atPath: path + Self.brokenSuffix, contents: nil) }
  }

  /// Runs `body` on the database and turns what it throws into a failure; a broken file is marked.
  func reading<Result>(_ body: () throws -> Result) throws(Failure) -> Result {
    do throws(Failure) { return try Failure.index(body) } catch {
      if error.reason == "INDEX_CORRUPT" { markBroken() }
      throw error
    }
  }
}

extension PostingIndex {
  /// Adds all postings of some consecutive records, in the order of their ordinals; readers see them when it returns.
  ///
  /// For the single writer, after each commit. Records that the index has already are passed over, so a restarted
  /// writer may begin with the whole batch that holds `coveredOrdinal`. When full tables wait, the
  /// writer turns one into a segment itself (tens of milliseconds), so memory stays bounded whether or not `run` keeps up.
  ///
  /// Throws bug INDEX_GAP or INDEX_ORDER for records that do not follow; when writing a segment fails nothing is lost
  /// and the same call may be made again.
  package func append(_ postings: [Posting], records: Range<UInt64>) throws(Failure) {
    let reached = reachedOrdinal
    try Self.check(postings, records, reached: reached)
    var rest = postings[...]
    if let first = rest.first, first.ordinal < reached { rest = rest.drop { $0.ordinal < reached } }
    while !rest.isEmpty {
      guard let slice = state.withLock({ $0.append(rest, tablePostings: tablePostings) }) else {
        try flushOldest()
        continue
      }
      rest = slice
    }
    let hasWork = state.withLock { state in
      state.reached = max(state.reached, records.upperBound)
      return !state.frozen.isEmpty || state.isErasing
    }
    if hasWork { workSignal.yield() }
  }

  private static func check(_ postings: [Posting], _ records: Range<UInt64>, reached: UInt64) throws(Failure) {
    guard records.lowerBound <= reached, records.upperBound <= UInt64(Int64.max) else {
      throw Failure(.bug, "INDEX_GAP", "records \(records) were appended to an index that has reached \(reached)")
    }
    var least = records.lowerBound
    for posting in postings {
      guard posting.ordinal >= least else {
        throw Failure(.bug, "INDEX_ORDER", "a posting of record \(posting.ordinal) came after one of \(least)")
      }
      least = posting.ordinal
    }
    guard postings.isEmpty || least < records.upperBound else {
      throw Failure(.bug, "INDEX_ORDER", "a posting of record \(least) came with the records \(records)")
    }
  }
}

extension PostingIndex.State {
  /// Adds the next few thousand postings, whole records always, and returns the rest; nil when the table is full and no
  /// more may wait.
  mutating func append(_ postings: ArraySlice<Posting>, tablePostings: Int) -> ArraySlice<Posting>? {
    guard active.appendedCount < tablePostings else { return nil }
    let count = min(active.tailRoom, tablePostings - active.appendedCount, postings.count)
    var end = postings.startIndex + count
    let last = postings[end - 1].ordinal
    while end < postings.endIndex, postings[end].ordinal == last { end += 1 }
    active.append(postings[..<end], through: last + 1)
    reached = last + 1
    freezeIfFull(tablePostings)
    return postings[end...]
  }

  /// Starts a new table when the active one is full, unless too many wait already.
  mutating func freezeIfFull(_ tablePostings: Int) {
    guard active.appendedCount >= tablePostings, frozen.count < PostingIndex.maximumFrozen else { return }
    frozen.append(active)
    active = Memtable(start: active.records.upperBound)
  }
}
