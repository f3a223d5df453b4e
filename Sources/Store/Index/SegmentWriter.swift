import Foundation
import GRDB
import Primitives
import Signing

/// Writes sorted postings as the blocks of one new segment.
struct SegmentWriter: Sendable {
  /// Segments of the first levels have filters. There are few of the higher ones, each of many millions of records, so
  /// that the filters' memory is bounded however long the log becomes.
  static let filteredLevels = 3

  private let level: Int
  private let records: Range<UInt64>
  private(set) var fences: [Segment.Fence] = []
  private var postingCount = 0
  private var bytes = Data(count: PostingBlock.byteCount)

  init(level: Int, records: Range<UInt64>) {
    self.level = level
    self.records = records
  }

  /// Writes whole blocks and returns how many of the `postings` they took; fewer than a block may stay over for the
  /// next call unless these are the `last`. So the blocks do not depend on how the postings were handed over.
  mutating func write(
    _ postings: UnsafeBufferPointer<Posting>, last: Bool, _ db: Database, _ rows: inout BlockRows
  ) throws -> Int {
    var written = 0
    while written < postings.count, last || postings.count - written >= PostingBlock.maximumPostings {
      let rest = UnsafeBufferPointer(rebasing: postings[written...])
      let base = records.lowerBound
      let count = bytes.withUnsafeMutableBytes { PostingBlock.encode(rest, base: base, into: $0) }
      let row = try rows.take()
      try IndexDatabase.write(db, row: row, bytes)
      fences.append(
        Segment.Fence(
          first: rest[0], filter: Self.filter(rest[..<count], level: level), checksum: SHA256.hash(bytes).prefix64,
          block: row))
      written += count
    }
    postingCount += written
    return written
  }

  /// The filter of a block of these postings.
  static func filter(_ postings: some Collection<Posting>, level: Int) -> PostingFilter {
    level < filteredLevels ? PostingFilter(postings) : .everything
  }

  /// The segment that was written, under the row it will have.
  func finish(id: Int64) -> Segment {
    Segment(id: id, level: level, records: records, postingCount: postingCount, fences: fences)
  }
}
