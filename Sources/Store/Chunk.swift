import Foundation
import Primitives

/// Consecutive records of one batch, stored as one blob: `u16 count ‖ count × u32 end ‖ records`, big-endian; each end is
/// counted from the first record's first byte.
///
/// A row a record would cost the writer most of its time, a row a batch would make reading one record of ten thousand
/// expensive; a chunk of some 16 KiB serves both.
enum Chunk {
  /// A chunk is closed when it has this many bytes of records, or this many records.
  static let targetBytes = 16 << 10
  static let maxRecords = 1_024

  /// Splits a batch's records into runs that make one chunk each.
  static func runs(_ records: [Data]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    var bytes = 0
    for (index, record) in records.enumerated() {
      bytes += record.count
      if bytes >= targetBytes || index + 1 - start == maxRecords {
        runs.append(start..<index + 1)
        start = index + 1
        bytes = 0
      }
    }
    if start < records.count { runs.append(start..<records.count) }
    return runs
  }

  /// One run of records as a blob.
  static func encode(_ records: ArraySlice<Data>) -> Data {
    let payload = records.reduce(0) { $0 + $1.count }
    var bytes = Data(capacity: 2 + 4 * records.count + payload)
    withUnsafeBytes(of: UInt16(records.count).bigEndian) { bytes.append(contentsOf: $0) }
    var end: UInt32 = 0
    for record in records {
      end += UInt32(record.count)
      withUnsafeBytes(of: end.bigEndian) { bytes.append(contentsOf: $0) }
    }
    for record in records { bytes.append(record) }
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

  private static func offsets(_ bytes: Data) throws(Failure) -> [Int] {
    let table: [Int]? = bytes.withUnsafeBytes { raw in
      guard raw.count >= 2 else { return nil }
      let count = Int(raw[0]) << 8 | Int(raw[1])
      let payload = raw.count - 2 - 4 * count
      guard count > 0, payload >= 0 else { return nil }
      let ends = (0..<count).map {
        Int(UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 2 + 4 * $0, as: UInt32.self)))
      }
      let ascending = zip([0] + ends, ends).allSatisfy { $0 <= $1 }
      return ascending && ends.last == payload ? ends : nil
    }
    guard let table else {
      throw Failure(.corrupt, "CHUNK_CORRUPT", "a chunk's offsets do not fit its \(bytes.count) bytes")
    }
    return table
  }
}
