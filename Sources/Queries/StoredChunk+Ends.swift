import Store

extension StoredChunk {
  /// The number behind its last record's.
  var end: UInt64 { firstOrdinal + UInt64(records.count) }

  /// Its records from one on.
  func records(from start: UInt64) -> [StoredRecord] {
    start < end ? (max(start, firstOrdinal)..<end).map(record) : []
  }

  /// Its records before one, the last first.
  func records(below cursor: UInt64) -> [StoredRecord] {
    firstOrdinal < cursor ? (firstOrdinal..<min(cursor, end)).reversed().map(record) : []
  }
}
