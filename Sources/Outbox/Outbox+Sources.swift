import FoundationEssentials
import GRDB
package import Primitives

extension Outbox {
  /// How far a file with that SHA-256 has been captured; nil where it is not known.
  package func progress(of digest: Digest) throws(Failure) -> SourceProgress? {
    try perform { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT eventsDone, firstPosition, lastPosition FROM source WHERE digest = ?",
        arguments: [digest.data])
      return row.map { row in
        var positions: ClosedRange<UInt64>?
        if let first: Int64 = row["firstPosition"], let last: Int64 = row["lastPosition"], first <= last {
          positions = UInt64(clamping: first)...UInt64(clamping: last)
        }
        return SourceProgress(eventsDone: row["eventsDone"], positions: positions)
      }
    }
  }

  /// Brings a file to a mark; gives the number of events that were done before.
  static func advance(_ database: Database, _ mark: SourceMark) throws -> Int {
    let before = try Int.fetchOne(
      database, sql: "SELECT eventsDone FROM source WHERE digest = ?", arguments: [mark.digest.data])
    try database.execute(
      sql: """
        INSERT INTO source (digest, name, eventCount, eventsDone) VALUES (?, ?, ?, ?)
        ON CONFLICT (digest) DO UPDATE SET name = excluded.name, eventsDone = excluded.eventsDone
        """, arguments: [mark.digest.data, mark.name, mark.eventCount, mark.eventsDone])
    return before ?? 0
  }
}
