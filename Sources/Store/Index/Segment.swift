import Foundation
import Primitives
import Signing

/// The sorted postings of a run of records, immutable, in blocks of the index database.
///
/// Only the fences are in memory: for each block of about 900 postings 40 bytes, and a filter of some hundred.
final class Segment: Sendable {
  /// The start of one block, and where and what the block must be.
  struct Fence: Sendable, Equatable {
    var first: Posting
    /// Which terms the block can have.
    var filter: PostingFilter
    /// The first eight bytes of the block's SHA-256.
    var checksum: UInt64
    /// The block's row; the one thing here that depends on timing and not on the log alone.
    var block: UInt32
  }

  /// The row in the segment table; later segments have higher ones.
  let id: Int64
  /// How many merges its postings have been through.
  let level: Int
  /// The records covered.
  let records: Range<UInt64>
  let postingCount: Int
  let fences: [Fence]

  init(id: Int64, level: Int, records: Range<UInt64>, postingCount: Int, fences: [Fence]) {
    self.id = id
    self.level = level
    self.records = records
    self.postingCount = postingCount
    self.fences = fences
  }

  /// The block in which `posting` is, if it is anywhere; nil in an empty segment.
  func block(containing posting: Posting) -> Int? {
    var low = 0
    var high = fences.count
    while low < high {
      let middle = (low + high) / 2
      if fences[middle].first <= posting { low = middle + 1 } else { high = middle }
    }
    return fences.isEmpty ? nil : max(low - 1, 0)
  }

  /// The blocks in which postings of `term` for the records of `window` can be, as far as their first postings tell.
  func blocks(of term: UInt64, in window: Range<UInt64>) -> Range<Int> {
    guard !window.isEmpty, let first = block(containing: Posting(term: term, ordinal: window.lowerBound)),
      let last = block(containing: Posting(term: term, ordinal: window.upperBound - 1))
    else { return 0..<0 }
    return first..<last + 1
  }

  /// A hash of everything that depends on the log alone: equal logs give equal checksums.
  var checksum: Digest {
    var hasher = SHA256()
    var header = Data()
    for number in [UInt64(level), records.lowerBound, records.upperBound, UInt64(postingCount)] {
      header.append(bigEndian: number)
    }
    hasher.update(header)
    hasher.update(fenceBytes)
    hasher.update(filterBytes)
    return hasher.finalize()
  }

  /// `u64 term ‖ u64 ordinal ‖ u64 checksum` for every block, big-endian.
  var fenceBytes: Data {
    var bytes = Data(capacity: fences.count * 24)
    for fence in fences {
      bytes.append(bigEndian: fence.first.term)
      bytes.append(bigEndian: fence.first.ordinal)
      bytes.append(bigEndian: fence.checksum)
    }
    return bytes
  }

  /// `u32 row` for every block, big-endian.
  var blockBytes: Data {
    var bytes = Data(capacity: fences.count * 4)
    for fence in fences { bytes.append(bigEndian: fence.block) }
    return bytes
  }

  /// The filters of all blocks, one after the other.
  var filterBytes: Data {
    var bytes = Data()
    for fence in fences { fence.filter.write(to: &bytes) }
    return bytes
  }

  /// Reads what `fenceBytes`, `filterBytes` and `blockBytes` wrote; nil when they do not fit each other.
  static func fences(_ fenceBytes: Data, _ filterBytes: Data, _ blockBytes: Data) -> [Fence]? {
    let count = blockBytes.count / 4
    guard fenceBytes.count == count * 24, blockBytes.count == count * 4 else { return nil }
    guard let filters = filters(filterBytes, count: count) else { return nil }
    return fenceBytes.withUnsafeBytes { fences in
      blockBytes.withUnsafeBytes { blocks in
        (0..<count).map { index in
          func word(_ position: Int) -> UInt64 {
            UInt64(bigEndian: fences.loadUnaligned(fromByteOffset: index * 24 + position, as: UInt64.self))
          }
          return Fence(
            first: Posting(term: word(0), ordinal: word(8)), filter: filters[index], checksum: word(16),
            block: UInt32(bigEndian: blocks.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        }
      }
    }
  }

  private static func filters(_ bytes: Data, count: Int) -> [PostingFilter]? {
    bytes.withUnsafeBytes { bytes in
      var filters: [PostingFilter] = []
      var offset = 0
      for _ in 0..<count {
        guard let filter = PostingFilter(bytes, at: &offset) else { return nil }
        filters.append(filter)
      }
      return offset == bytes.count ? filters : nil
    }
  }
}

extension Segment: CustomStringConvertible {
  /// For example `segment 12 (level 1, records 0..<4096)`.
  var description: String { "segment \(id) (level \(level), records \(records))" }
}

extension Data {
  /// Appends a number, most significant byte first.
  mutating func append(bigEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }
}
