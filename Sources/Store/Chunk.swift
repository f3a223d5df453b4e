import Foundation
import Primitives

/// Consecutive records of one batch, stored as one blob: `u16 count ‖ count × u32 end ‖ records`, big-endian; each end is
/// counted from the first record's first byte. A record without bytes was erased; zeros at the end make up for it.
///
/// A row a record would cost the writer most of its time, a row a batch would make reading one record of ten thousand
/// expensive; a chunk that fills one page of the database serves both: a record is found by reading that page.
enum Chunk {
  /// The most bytes a chunk of several records has: what a page of 8 KiB holds beside the row's other columns. A larger
  /// record makes a chunk of its own.
  static let maxBytes = 8_128

  /// Splits a batch's records into runs that make one chunk each.
  static func runs(_ records: [Data]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    var bytes = 2
    for (index, record) in records.enumerated() {
      let size = 4 + record.count
      if start < index, bytes + size > maxBytes {
        runs.append(start..<index)
        start = index
        bytes = 2
      }
      bytes += size
    }
    if start < records.count { runs.append(start..<records.count) }
    return runs
  }

  /// One run of records as a blob.
  static func encode(_ records: ArraySlice<Data>) -> Data {
    let table = 2 + 4 * records.count
    var bytes = Data(count: records.reduce(table) { $0 + $1.count })
    bytes.withUnsafeMutableBytes { blob in
      blob.storeBytes(of: UInt16(records.count).bigEndian, as: UInt16.self)
      var end = 0
      for (index, record) in records.enumerated() {
        record.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: blob[(table + end)...]).copyMemory(from: $0) }
        end += record.count
        blob.storeBytes(of: UInt32(end).bigEndian, toByteOffset: 2 + 4 * index, as: UInt32.self)
      }
    }
    return bytes
  }

  /// The records of a blob; corrupt CHUNK_CORRUPT when its offsets do not fit its length.
  static func decode(_ bytes: Data) throws(Failure) -> [Data] {
    let table = try offsets(bytes)
    let base = bytes.startIndex + 2 + 4 * table.count
    var start = 0
    return table.map { end in
      defer { start = end }
      return bytes[base + start..<base + end]
    }
  }

  /// The blob without the record `index`; corrupt CHUNK_CORRUPT when it has none. The size stays: so the row is overwritten
  /// where it is, and the database has no reason to move others, of which it would leave copies behind.
  static func erasing(_ index: Int, in bytes: Data) throws(Failure) -> Data {
    var records = try decode(bytes)
    guard records.indices.contains(index) else { throw corrupt(bytes.count) }
    records[index] = Data()
    let erased = encode(records[...])
    return erased + Data(count: bytes.count - erased.count)
  }

  /// How many records a blob has; corrupt CHUNK_CORRUPT when it has no room for their offsets.
  static func count(in bytes: UnsafeRawBufferPointer) throws(Failure) -> Int {
    guard bytes.count >= 2, case let count = Int(bytes[0]) << 8 | Int(bytes[1]), 2 + 4 * count <= bytes.count else {
      throw corrupt(bytes.count)
    }
    return count
  }

  /// A copy of the record `index`, which must be one of the blob's; corrupt CHUNK_CORRUPT when its offsets do not fit.
  static func record(_ index: Int, in bytes: UnsafeRawBufferPointer) throws(Failure) -> Data {
    let base = 2 + 4 * (try count(in: bytes))
    let start = index == 0 ? 0 : end(index - 1, in: bytes)
    let end = end(index, in: bytes)
    guard start <= end, end <= bytes.count - base else { throw corrupt(bytes.count) }
    return Data(bytes[base + start..<base + end])
  }

  /// Where the record `index` ends.
  private static func end(_ index: Int, in bytes: UnsafeRawBufferPointer) -> Int {
    Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 + 4 * index, as: UInt32.self)))
  }

  private static func offsets(_ bytes: Data) throws(Failure) -> [Int] {
    let ends: [Int]? = bytes.withUnsafeBytes { raw in
      guard let count = try? count(in: raw), count > 0 else { return nil }
      let ends = (0..<count).map { end($0, in: raw) }
      let ascending = zip([0] + ends, ends).allSatisfy { $0 <= $1 }
      let payload = raw[(2 + 4 * count)...]
      guard ascending, let end = ends.last, end <= payload.count else { return nil }
      return payload.dropFirst(end).allSatisfy { $0 == 0 } ? ends : nil
    }
    guard let ends else { throw corrupt(bytes.count) }
    return ends
  }

  private static func corrupt(_ count: Int) -> Failure {
    Failure(.corrupt, "CHUNK_CORRUPT", "a chunk's offsets do not fit its \(count) bytes")
  }
}
