import GRDB

/// One merge of consecutive segments into a segment of the next level, done in steps of bounded size.
struct SegmentMerge: Sendable {
  /// What a step handles: some megabytes of memory, some milliseconds of the index's write lock.
  private static let stepPostings = 1 << 16

  let segments: [Segment]
  private var merged: MergedPostings
  private var pending: [Posting] = []
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
    try merged.read(Self.stepPostings, into: &pending, db)
    let isLast = merged.isFinished
    let written = try pending.withUnsafeBufferPointer { try writer.write($0, last: isLast, db, &rows) }
    pending.removeFirst(written)
    return isLast ? writer.finish(id: id) : nil
  }
}
