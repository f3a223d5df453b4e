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
  private struct LoggedBatch {
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

  private func page(from position: UInt64) throws(Failure) -> [LoggedBatch] {
    do throws(Failure) {
      return try store.readNow { reader in
        try reader.entries(from: position, limit: Self.pageEntries).map { entry in
          LoggedBatch(
            entry: entry, chunks: try reader.chunks(of: entry), redactions: try reader.redactions(of: entry.position))
        }
      }
    } catch { throw Failure(.corrupt, error.reason, "at log entry \(position) or soon after: \(error.message)") }
  }

  private func apply(
    _ logged: LoggedBatch, at position: UInt64, to state: inout LedgerState?
  ) throws(Failure) -> AppliedBatch {
    let stored = logged.entry
    guard stored.position == position else {
      throw Failure(.corrupt, "ENTRY_MISSING", "missing; the next entry there is has position \(stored.position)")
    }
    let entry = try LogEntry(stored.bytes)
    let records = logged.chunks.flatMap(\.self)
    let erased = try Self.erased(logged.redactions, from: records)
    let batch = Cairn_V1_Batch.with {
      $0.header = entry.header
      $0.signature.suite = entry.suite.wire
      $0.signature.value = entry.signature
      $0.records = records
    }
    let applied = try apply(batch, entry, erased, to: &state)
    guard applied.entry == stored.bytes, applied.firstOrdinal == stored.firstOrdinal else {
      throw Failure(
        .corrupt, "ENTRY_MISMATCH", "not what applying its batch gives: its ledger time or numbering is wrong")
    }
    return applied
  }

  /// The ids of the erased records; refuses a record that is gone without a note, and a note where nothing is gone.
  private static func erased(_ redactions: [StoredRedaction], from records: [Data]) throws(Failure) -> [Int: Digest] {
    var erased: [Int: Digest] = [:]
    for redaction in redactions { erased[Int(redaction.place.index)] = redaction.recordID }
    let gone = Set(records.indices.filter { records[$0].isEmpty })
    if let index = gone.subtracting(erased.keys).min() {
      throw Failure(.corrupt, "RECORD_MISSING", "record \(index) is gone, and nothing says that it was erased by vote")
    }
    if let index = Set(erased.keys).subtracting(gone).min() {
      throw Failure(.corrupt, "NOT_ERASED", "record \(index) was to be erased, but is there")
    }
    return erased
  }

  private func apply(
    _ batch: Cairn_V1_Batch, _ entry: LogEntry, _ erased: [Int: Digest], to state: inout LedgerState?
  ) throws(Failure) -> AppliedBatch {
    guard var current = state.take() else {
      let (genesis, terms) = try Admission.admitGenesis(batch)
      let (founded, applied) = try LedgerState.found(genesis, terms)
      state = founded
      return applied
    }
    let admitted = try Admission(ledgerID: current.ledgerID).admit(
      batch, directory: current.directory, erased: erased)
    let size = current.edge.size
    let outcome = try current.apply(admitted, at: entry.ledgerTime) { redaction throws(Failure) in
      if redaction.place.position >= size { return false }
      return try store.readNow { try $0.recordID(at: redaction.place) } == redaction.recordID
    }
    guard case .appended(let applied) = outcome else {
      throw Failure(.corrupt, "SEQUENCE_REPEATED", "its author's sequence number stands earlier in the log already")
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
