package import Consortium
package import FoundationEssentials
package import Primitives
import Signing
package import Merkle

/// What `apply` needs to know of the log so far: a value, owned by the single writer.
package struct LedgerState: Sendable {
  /// The ledger's identity: SHA-256 of the genesis header.
  package let ledgerID: Digest
  /// Who may author what.
  package private(set) var directory: Directory
  /// Each author's place in its own chain of headers.
  package private(set) var chains: [KeyID: AuthorChain]
  /// The log tree's right edge: size, root and the hashes still open.
  package private(set) var edge: RightEdge
  /// The number of records in the log, which is also the next record's ordinal.
  package private(set) var recordCount: UInt64
  /// Ledger time of the latest entry.
  package private(set) var lastLedgerTime: Instant

  /// The state as it was saved.
  package init(
    ledgerID: Digest, directory: Directory, chains: [KeyID: AuthorChain], edge: RightEdge, recordCount: UInt64,
    lastLedgerTime: Instant
  ) {
    self.ledgerID = ledgerID
    self.directory = directory
    self.chains = chains
    self.edge = edge
    self.recordCount = recordCount
    self.lastLedgerTime = lastLedgerTime
  }

  /// Founds a ledger: the state after its genesis batch, and that batch as applied. The ledger's first time is the
  /// founder's, so that every node founds the same ledger.
  package static func found(
    _ batch: AdmittedBatch, _ terms: GenesisTerms
  ) throws(Failure) -> (LedgerState, AppliedBatch) {
    let time = batch.header.createdAt
    var state = LedgerState(
      ledgerID: batch.header.digest, directory: try Directory(terms, at: time), chains: [:], edge: RightEdge(),
      recordCount: 0, lastLedgerTime: time)
    let applied = state.append(batch, at: time, redactions: [])
    return (state, applied)
  }

  /// What became of a batch.
  package enum Outcome: Sendable {
    /// It is the next entry of the log.
    case appended(AppliedBatch)
    /// Its author has used this sequence number before: either the same batch again, or equivocation. The entry that
    /// stands in the log tells.
    case alreadySequenced
  }

  /// Decides whether a batch is the log's next entry, and makes it so. Deterministic: the same batches in the same order
  /// with the same times give the same state, bytes and refusals. A refusal changes nothing. `isInLog` says whether a
  /// redaction names a record that is in the log before this batch, erased or not.
  package mutating func apply(
    _ batch: AdmittedBatch, at proposedTime: Instant, isInLog: (Redaction) throws(Failure) -> Bool
  ) throws(Failure) -> Outcome {
    let header = batch.header
    let chain = chains[header.authorKeyID] ?? AuthorChain()
    if header.sequence < chain.nextSequence { return .alreadySequenced }
    let time = max(proposedTime, lastLedgerTime)
    let key = try directory.requireInForce(header.authorKeyID, at: time)
    try chain.requireNext(header)
    try directory.requireAuthority(of: key, over: batch.families, at: time)
    let (changed, redactions) = try amend(with: batch, at: time, isInLog: isInLog)
    if let changed { directory = changed }
    return .appended(append(batch, at: time, redactions: redactions))
  }

  /// Applies the batch's changes to the consortium: all take effect or none does.
  private func amend(
    with batch: AdmittedBatch, at time: Instant, isInLog: (Redaction) throws(Failure) -> Bool
  ) throws(Failure) -> (Directory?, [Redaction]) {
    if batch.changes.isEmpty { return (nil, []) }
    var directory = directory
    var redactions: [Redaction] = []
    for change in batch.changes {
      let place = RecordPlace(position: edge.size, index: change.index)
      do {
        let effect = try directory.apply(
          change.change, by: batch.header.authorKeyID, record: change.record, at: place, time: time, isInLog: isInLog)
        if let redaction = effect.redaction { redactions.append(redaction) }
      } catch { throw error.under("records[\(change.index)]") }
    }
    return (directory, redactions)
  }

  private mutating func append(
    _ batch: AdmittedBatch, at time: Instant, redactions: [Redaction]
  ) -> AppliedBatch {
    let entry = LogEntry(ledgerTime: time, suite: batch.suite, signature: batch.signature, header: batch.header.bytes)
    let encoded = entry.encoded
    let position = edge.size
    let firstOrdinal = recordCount
    let tiles = edge.append(MerkleTree.leafHash(encoded))
    recordCount += UInt64(batch.records.count)
    lastLedgerTime = time
    chains[batch.header.authorKeyID] = AuthorChain(after: batch.header)
    return AppliedBatch(
      batch: batch, position: position, firstOrdinal: firstOrdinal, ledgerTime: time, entry: encoded,
      redactions: redactions, completedTiles: tiles)
  }
}

/// Where an author's chain of headers stands.
package struct AuthorChain: Hashable, Sendable {
  /// The sequence number expected next.
  package let nextSequence: UInt64
  /// Digest of the latest header; nil before the first.
  package let lastDigest: Digest?

  /// A chain as it was saved; by default one that has not begun.
  package init(nextSequence: UInt64 = 1, lastDigest: Digest? = nil) {
    self.nextSequence = nextSequence
    self.lastDigest = lastDigest
  }

  init(after header: BatchHeader) {
    self.init(nextSequence: header.sequence + 1, lastDigest: header.digest)
  }

  fileprivate func requireNext(_ header: BatchHeader) throws(Failure) {
    guard header.sequence == nextSequence else {
      throw Failure(
        .preconditionFailed, "SEQUENCE_GAP",
        "header.sequence: \(header.sequence); \(nextSequence) is expected next from key \(header.authorKeyID)",
        metadata: ["expected_sequence": String(nextSequence)])
    }
    guard header.previousDigest == lastDigest else {
      throw Failure(
        .preconditionFailed, "PREVIOUS_DIGEST_MISMATCH",
        "header.previous_header_digest: \(header.previousDigest?.description ?? "empty"); the header with sequence "
          + "\(nextSequence - 1) in the log has digest \(lastDigest?.description ?? "none")",
        metadata: ["last_header_digest": lastDigest?.description ?? ""])
    }
  }
}

/// A batch at its place in the log, with everything the store has to write.
package struct AppliedBatch: Sendable {
  package let batch: AdmittedBatch
  /// Index of its entry in the log, from 0.
  package let position: UInt64
  /// The running number of its first record in the ledger, from 0.
  package let firstOrdinal: UInt64
  package let ledgerTime: Instant
  /// The log entry's bytes.
  package let entry: Data
  /// Records that are erased because of this batch, all earlier ones.
  package let redactions: [Redaction]
  /// Tiles of the log tree that this entry filled.
  package let completedTiles: [RightEdge.CompletedTile]
}
