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

  /// Founds a ledger: the state after its genesis batch, and that batch as applied.
  package static func found(
    _ batch: AdmittedBatch, _ terms: GenesisTerms, at time: Instant
  ) -> (LedgerState, AppliedBatch) {
    var state = LedgerState(
      ledgerID: batch.header.digest, directory: Directory(terms), chains: [:], edge: RightEdge(), recordCount: 0,
      lastLedgerTime: time)
    let applied = state.append(batch, at: time, changedKeys: [terms.admin.publicKey.id])
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
  /// with the same times give the same state, bytes and refusals. A refusal changes nothing.
  package mutating func apply(_ batch: AdmittedBatch, at proposedTime: Instant) throws(Failure) -> Outcome {
    let header = batch.header
    let chain = chains[header.authorKeyID] ?? AuthorChain()
    if header.sequence < chain.nextSequence { return .alreadySequenced }
    let time = max(proposedTime, lastLedgerTime)
    let key = try directory.key(header.authorKeyID)
    try key.requireValid(at: time)
    try chain.requireNext(header)
    let (changed, keys) = try rule(on: batch, role: key.role)
    if let changed { directory = changed }
    return .appended(append(batch, at: time, changedKeys: keys))
  }

  /// Applies the rules of each family; consortium changes all take effect or none does.
  private func rule(on batch: AdmittedBatch, role: Role) throws(Failure) -> (Directory?, [KeyID]) {
    for family in RecordFamily.allCases where batch.families.contains(family) && !role.mayAuthor(family) {
      throw Failure(
        .forbidden, "ROLE_FORBIDS_RECORD",
        "key \(batch.header.authorKeyID) has role \(role.rawValue), which may not author \(family.rawValue) records")
    }
    if batch.changes.isEmpty { return (nil, []) }
    var directory = directory
    var keys: [KeyID] = []
    for change in batch.changes {
      let place = RecordPlace(position: edge.size, index: change.index)
      do { keys.append(try directory.apply(change.change, by: batch.header.authorKeyID, at: place)) } catch {
        throw error.under("records[\(change.index)]")
      }
    }
    return (directory, keys)
  }

  private mutating func append(
    _ batch: AdmittedBatch, at time: Instant, changedKeys: [KeyID]
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
      changedKeys: changedKeys, completedTiles: tiles)
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
  /// Keys registered or revoked by this batch.
  package let changedKeys: [KeyID]
  /// Tiles of the log tree that this entry filled.
  package let completedTiles: [RightEdge.CompletedTile]
}
