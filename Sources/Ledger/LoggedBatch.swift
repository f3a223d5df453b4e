package import Consortium
package import FoundationEssentials
package import Primitives
import Signing
import SwiftProtobuf
import Wire

/// A batch as a log has it: its entry, its records, and what stands in place of those that were erased.
package struct LoggedBatch: Sendable {
  /// The log entry's bytes.
  package let entry: Data
  /// The records as received; nothing where one was erased.
  package let records: [Data]
  /// The ids of erased records, by index.
  package let erased: [Int: Digest]

  /// A batch of these parts; nothing is checked yet.
  package init(entry: Data, records: [Data], erased: [Int: Digest]) {
    self.entry = entry
    self.records = records
    self.erased = erased
  }

  /// Checks everything about the batch that founds a ledger; gives the state after it, and the batch as applied.
  package func found() throws(Failure) -> (LedgerState, AppliedBatch) {
    let (batch, entry) = try parsed()
    let (genesis, terms) = try Admission.admitGenesis(batch)
    let (state, applied) = try LedgerState.found(genesis, terms)
    try requireEntry(of: applied, entry)
    return (state, applied)
  }

  /// Checks everything about the batch and makes it the log's next entry, which must be this one to the byte. A refusal
  /// changes nothing, except ENTRY_MISMATCH, after which `state` is of no use. `isInLog` as in `LedgerState.apply`.
  package func apply(
    to state: inout LedgerState, isInLog: (Redaction) throws(Failure) -> Bool
  ) throws(Failure) -> AppliedBatch {
    let (batch, entry) = try parsed()
    let admitted = try Admission(ledgerID: state.ledgerID).admit(batch, directory: state.directory, erased: erased)
    guard case .appended(let applied) = try state.apply(admitted, at: entry.ledgerTime, isInLog: isInLog) else {
      throw Failure(.corrupt, "SEQUENCE_REPEATED", "its author's sequence number stands earlier in the log already")
    }
    try requireEntry(of: applied, entry)
    return applied
  }

  private func parsed() throws(Failure) -> (Cairn_V1_Batch, LogEntry) {
    try requireErased()
    let entry = try LogEntry(entry)
    let batch = Cairn_V1_Batch.with {
      $0.header = entry.header
      $0.signature.suite = entry.suite.wire
      $0.signature.value = entry.signature
      $0.records = records
    }
    return (batch, entry)
  }

  /// Refuses a record that is gone without a note, and a note where nothing is gone.
  private func requireErased() throws(Failure) {
    let gone = Set(records.indices.filter { records[$0].isEmpty })
    if let index = gone.subtracting(erased.keys).min() {
      throw Failure(.corrupt, "RECORD_MISSING", "record \(index) is gone, and nothing says that it was erased by vote")
    }
    if let index = Set(erased.keys).subtracting(gone).min() {
      throw Failure(.corrupt, "NOT_ERASED", "record \(index) was to be erased, but is there")
    }
  }

  private func requireEntry(of applied: AppliedBatch, _ entry: LogEntry) throws(Failure) {
    guard applied.entry == self.entry else {
      throw Failure(
        .corrupt, "ENTRY_MISMATCH", "not what applying its batch gives: its ledger time or numbering is wrong")
    }
  }
}
