package import Checkpoints
package import Consortium
package import FoundationEssentials
package import Primitives
package import Signing

/// What evidence has been found to prove.
package struct VerifiedEvidence: Sendable {
  package let ledgerID: Digest
  /// The checkpoint, and who signed it.
  package let checkpoint: VerifiedCheckpoint
  /// First the record proved, then those that show who could do that, last genesis.
  package let records: [VerifiedRecord]
  /// Members and keys as far as the records here tell.
  package let directory: Directory

  /// Whether the author of the record proved was in other hands when the ledger ordered it.
  package var isCompromised: Bool { records.first.map(isCompromised) ?? false }

  /// Whether the record's author was in other hands, as a record here says, when the ledger ordered the record.
  package func isCompromised(_ record: VerifiedRecord) -> Bool {
    directory.isCompromised(record.author.id, at: record.entry.ledgerTime)
  }
}

/// A record that has been found in the log, as its author signed it.
package struct VerifiedRecord: Sendable {
  /// The record's leaf hash.
  package let id: Digest
  package let bytes: Data
  /// Position of its batch in the log.
  package let position: UInt64
  /// Index in the batch.
  package let index: UInt32
  package let entry: LogEntry
  package let header: BatchHeader
  /// The key that signed the batch.
  package let author: PublicKey

  /// What the record says; a failure says why it is in the log without effect.
  package let content: Result<ParsedRecord, Failure>

  init(
    id: Digest, bytes: Data, position: UInt64, index: UInt32, entry: LogEntry, header: BatchHeader, author: PublicKey
  ) {
    self.id = id
    self.bytes = bytes
    self.position = position
    self.index = index
    self.entry = entry
    self.header = header
    self.author = author
    content = Result { () throws(Failure) in try ParsedRecord(bytes) }
  }

  /// Its place in the log.
  package var place: RecordPlace { RecordPlace(position: position, index: index) }

  /// Refuses a record whose author was not in force, or might not author it; what is without effect anyone in force may.
  func requireAuthority(in directory: Directory) throws(Failure) {
    let key = try directory.requireInForce(author.id, at: entry.ledgerTime)
    guard case .success(let parsed) = content else { return }
    try directory.requireAuthority(of: key, over: [parsed.family], at: entry.ledgerTime)
  }

  /// Makes the change that a consortium record makes, by the ledger's own rules.
  func amend(_ directory: inout Directory) throws(Failure) {
    guard case .success(let parsed) = content, case .consortium(let change) = parsed.body else { return }
    guard !header.skipsBadRecords else {
      throw .malformed("SKIP_NOT_ALLOWED", field: "entry", "a consortium record in a batch that may pass records over")
    }
    // What was erased is not to be seen from here; that it was there is for the ledger's nodes to know.
    _ = try directory.apply(
      change, by: author.id, record: id, at: place, time: entry.ledgerTime,
      isInLog: { _ in true })
  }
}
