import Consortium
import Foundation
import GRDB
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// Applies the whole log again, from genesis: every signature, hash, tree and rule is checked on the way, and every derived
/// table made anew in a scratch database.
struct Replay {
  /// A batch as it is stored.
  private struct StoredBatch {
    let entry: StoredEntry
    let chunks: [[Data]]
    let redactions: [StoredRedaction]

    /// Which of the records stand in which chunk.
    var runs: [Range<Int>] {
      var start = 0
      return chunks.map { chunk in
        defer { start += chunk.count }
        return start..<start + chunk.count
      }
    }

    /// What is to be applied.
    var batch: LoggedBatch {
      let erased = redactions.map { (Int($0.place.index), $0.recordID) }
      return LoggedBatch(
        entry: entry.bytes, records: chunks.flatMap(\.self), erased: Dictionary(erased) { _, last in last })
    }
  }

  /// Entries read and applied at a time.
  private static let pageEntries = 16

  let store: Store

  /// Fills `scratch` with the derived tables; gives the state at the log's end. Throws what does not hold, with the entry
  /// it was found at. `progress` is told the position reached.
  func run(into scratch: DatabaseQueue, progress: (UInt64) -> Void) throws(Failure) -> LedgerState {
    var state: LedgerState?
    var next: UInt64 = 0
    while true {
      let page = try page(from: next)
      if page.isEmpty { break }
      var group: [(AppliedBatch, [Range<Int>])] = []
      for batch in page {
        do throws(Failure) { group.append((try apply(batch, at: next, to: &state), batch.runs)) } catch {
          throw Failure(.corrupt, error.reason, "log entry \(next): \(error.message)")
        }
        next += 1
      }
      try Self.derive(group, into: scratch)
      progress(next)
    }
    guard let state else { throw LedgerReader.corrupt("the log is empty and") }
    return state
  }

  private func page(from position: UInt64) throws(Failure) -> [StoredBatch] {
    do throws(Failure) {
      return try store.readNow { reader in
        try reader.entries(from: position, limit: Self.pageEntries).map { entry in
          StoredBatch(
            entry: entry, chunks: try reader.chunks(of: entry), redactions: try reader.redactions(of: entry.position))
        }
      }
    } catch { throw Failure(.corrupt, error.reason, "at log entry \(position) or soon after: \(error.message)") }
  }

  private func apply(
    _ logged: StoredBatch, at position: UInt64, to state: inout LedgerState?
  ) throws(Failure) -> AppliedBatch {
    guard logged.entry.position == position else {
      throw Failure(.corrupt, "ENTRY_MISSING", "missing; the next entry there is has position \(logged.entry.position)")
    }
    let applied = try apply(logged.batch, to: &state)
    guard applied.firstOrdinal == logged.entry.firstOrdinal else {
      throw Failure(
        .corrupt, "ENTRY_MISMATCH", "not what applying its batch gives: its ledger time or numbering is wrong")
    }
    return applied
  }

  private func apply(_ batch: LoggedBatch, to state: inout LedgerState?) throws(Failure) -> AppliedBatch {
    guard var current = state.take() else {
      let (founded, applied) = try batch.found()
      state = founded
      return applied
    }
    let size = current.edge.size
    let applied = try batch.apply(to: &current) { redaction throws(Failure) in
      if redaction.place.position >= size { return false }
      return try store.readNow { try $0.recordID(at: redaction.place) } == redaction.recordID
    }
    state = consume current
    return applied
  }

  private static func derive(_ group: [(AppliedBatch, [Range<Int>])], into scratch: DatabaseQueue) throws(Failure) {
    try Failure.mapping {
      try scratch.write { db in
        let writer = LedgerWriter(db: db)
        for (applied, runs) in group { try writer.derive(from: applied, runs) }
        try writer.saveChains(of: group.map(\.0))
      }
    }
  }
}
