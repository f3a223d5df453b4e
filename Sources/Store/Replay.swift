import Consortium
import Foundation
import GRDB
import Ledger
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// Applies the whole log again, from genesis: every signature, hash, tree and rule is checked on the way, and every derived
/// table made anew in a scratch database.
struct Replay {
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
      var group: [AppliedBatch] = []
      for (entry, records) in page {
        do throws(Failure) { group.append(try Self.apply(entry, records, at: next, to: &state)) } catch {
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

  private func page(from position: UInt64) throws(Failure) -> [(StoredEntry, [Data])] {
    do throws(Failure) {
      return try store.readNow { reader in
        try reader.entries(from: position, limit: Self.pageEntries).map { ($0, try reader.records(of: $0)) }
      }
    } catch { throw Failure(.corrupt, error.reason, "at log entry \(position) or soon after: \(error.message)") }
  }

  private static func apply(
    _ stored: StoredEntry, _ records: [Data], at position: UInt64, to state: inout LedgerState?
  ) throws(Failure) -> AppliedBatch {
    guard stored.position == position else {
      throw Failure(.corrupt, "ENTRY_MISSING", "missing; the next entry there is has position \(stored.position)")
    }
    let entry = try LogEntry(stored.bytes)
    let batch = Cairn_V1_Batch.with {
      $0.header = entry.header
      $0.signature.suite = entry.suite.wire
      $0.signature.value = entry.signature
      $0.records = records
    }
    let applied = try apply(batch, entry, to: &state)
    guard applied.entry == stored.bytes, applied.firstOrdinal == stored.firstOrdinal else {
      throw Failure(
        .corrupt, "ENTRY_MISMATCH", "not what applying its batch gives: its ledger time or numbering is wrong")
    }
    return applied
  }

  private static func apply(
    _ batch: Cairn_V1_Batch, _ entry: LogEntry, to state: inout LedgerState?
  ) throws(Failure) -> AppliedBatch {
    guard var current = state.take() else {
      let (genesis, terms) = try Admission.admitGenesis(batch)
      let (founded, applied) = try LedgerState.found(genesis, terms)
      state = founded
      return applied
    }
    let admitted = try Admission(ledgerID: current.ledgerID).admit(batch, directory: current.directory)
    guard case .appended(let applied) = try current.apply(admitted, at: entry.ledgerTime, isInLog: { _ in true }) else {
      throw Failure(.corrupt, "SEQUENCE_REPEATED", "its author's sequence number stands earlier in the log already")
    }
    state = consume current
    return applied
  }

  private static func derive(_ group: [AppliedBatch], into scratch: DatabaseQueue) throws(Failure) {
    try Failure.mapping {
      try scratch.write { db in
        let writer = LedgerWriter(db: db)
        for applied in group { try writer.derive(from: applied) }
        try writer.saveChains(of: group)
      }
    }
  }
}
