import GRDB
import Ledger
package import Primitives

extension LedgerReader {
  /// Numbers of the first `end` records that the ledger ordered at or after `from` and before `before`. Ledger time never
  /// goes back, so some twenty entries tell.
  package func ordinals(below end: UInt64, orderedFrom from: Instant?, before: Instant?) throws -> Range<UInt64> {
    let lower = try from.map(firstOrdinal) ?? 0
    let upper = min(end, try before.map(firstOrdinal) ?? end)
    return min(lower, upper)..<upper
  }

  /// Number of the first record of the first batch that was ordered at or after `time`.
  private func firstOrdinal(from time: Instant) throws -> UInt64 {
    var (low, high) = (0 as UInt64, try logSize())
    while low < high {
      let middle = low + (high - low) / 2
      guard let entry = try entry(at: middle) else { throw Self.corrupt("log entry \(middle)") }
      if try LogEntry(entry.bytes).ledgerTime < time { low = middle + 1 } else { high = middle }
    }
    return try entry(at: low)?.firstOrdinal ?? .max
  }

  /// Those of some records whose chunks have events in the range `eventTimeFrom..<before`.
  package func ordinals(
    _ ordinals: [UInt64], inChunksFrom eventTimeFrom: Instant, before: Instant
  ) throws -> [UInt64] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT latest >= ? AND earliest < ? FROM chunk_time WHERE first_ordinal <= ? ORDER BY first_ordinal DESC LIMIT 1
        """)
    return try ordinals.filter { ordinal in
      let row = try Row.fetchOne(
        statement, arguments: [eventTimeFrom.microseconds, before.microseconds, Int64(clamping: ordinal)])
      return try row?.natural(0) == 1
    }
  }

  /// The last chunk with a record before `ordinal` whose events' times touch the range `eventTimeFrom..<before`. Looks at
  /// so many chunks at most; `next` is the record before which to look on.
  package func chunk(
    below ordinal: UInt64, eventTimeFrom: Instant, before: Instant, looking: Int
  ) throws -> ChunkTimes {
    let window = """
      (SELECT first_ordinal, earliest, latest FROM chunk_time WHERE first_ordinal < ? ORDER BY first_ordinal DESC LIMIT ?)
      """
    let found = try db.cachedStatement(
      sql: "SELECT first_ordinal FROM \(window) WHERE latest >= ? AND earliest < ? ORDER BY first_ordinal DESC LIMIT 1")
    let start = Int64(clamping: ordinal)
    let matching = try Row.fetchOne(
      found, arguments: [start, looking, eventTimeFrom.microseconds, before.microseconds])
    if let matching { return ChunkTimes(matching: [try matching.natural(0)], next: nil) }
    let seen = try db.cachedStatement(sql: "SELECT coalesce(min(first_ordinal), 0), count(*) FROM \(window)")
    let row = try Row.fetchOne(seen, arguments: [start, looking])
    return ChunkTimes(matching: [], next: try row?.natural(1) == UInt64(looking) ? try row?.natural(0) : nil)
  }
}
