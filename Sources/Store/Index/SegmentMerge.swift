import GRDB

/// One merge of consecutive segments into a segment of the next level, done in steps of bounded size.
struct SegmentMerge: Sendable {
  /// What a step handles: some megabytes of memory, some milliseconds of the index's write lock.
  private static let stepPostings = 1 << 16

  let segments: [Segment]
  private var merged: MergedPostings
  private var pending = [Posting](repeating: Posting(term: 0, ordinal: 0), count: stepPostings)
  /// How many of `pending` the step before left unwritten: less than a block.
  private var keptCount = 0
  private var writer: SegmentWriter

  init(_ segments: [Segment], records: Range<UInt64>, level: Int, _ db: Database) throws {
    self.segments = segments
    merged = try MergedPostings(segments, db)
    writer = SegmentWriter(level: level, records: records)
  }

  /// The blocks written so far.
  var fences: [Segment.Fence] { writer.fences }

  /// Merges and writes some blocks; returns the new segment when these were the last.
  mutating func step(id: Int64, _ db: Database, _ rows: inout BlockRows) throws -> Segment? {
    let readCount = try pending.withUnsafeMutableBufferPointer { pending in
      try merged.read(into: UnsafeMutableBufferPointer(rebasing: pending[keptCount...]), db)
    }
    let isLast = merged.isFinished
    let count = keptCount + readCount
    let written = try pending.withUnsafeBufferPointer { pending in
      try writer.write(UnsafeBufferPointer(rebasing: pending[..<count]), last: isLast, db, &rows)
    }
    keptCount = count - written
    for index in 0..<keptCount { pending[index] = pending[written + index] }
    return isLast ? writer.finish(id: id) : nil
  }
}
