package import Checkpoints
package import Consortium
package import FoundationEssentials
import Merkle
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// Checks evidence with nothing but a policy: no network, no clock, no trust in whoever made the file.
package struct EvidenceVerifier {
  /// Most records one file may prove; the chain of keys back to genesis included.
  package static let maxProofs = 64

  private let evidence: Cairn_V1_Evidence
  private let ledgerID: Digest
  private let checkpoint: VerifiedCheckpoint

  /// Verifies every statement of the evidence, or throws what does not hold. Every failure names its step: CHECKPOINT,
  /// LEDGER, RECORD_PATH, SIGNATURE, LOG_PATH or KEY_CHAIN in the metadata's `step`.
  package static func verify(_ evidence: Cairn_V1_Evidence, policy: Policy) throws(Failure) -> VerifiedEvidence {
    let verifier = try EvidenceVerifier(evidence, policy: policy)
    var records: [VerifiedRecord] = []
    for (index, proof) in evidence.proofs.enumerated() {
      do { records.append(try verifier.verify(proof)) } catch { throw error.under("proofs[\(index)]") }
    }
    try verifier.verifyKeyChain(records)
    return VerifiedEvidence(ledgerID: verifier.ledgerID, checkpoint: verifier.checkpoint, records: records)
  }

  private init(_ evidence: Cairn_V1_Evidence, policy: Policy) throws(Failure) {
    self.evidence = evidence
    guard evidence.version == 1, evidence.unknownFields.data.isEmpty else {
      throw .step(
        "LEDGER", "UNKNOWN_VERSION", field: "version", "evidence of version 1 without unknown fields expected")
    }
    guard let ledgerID = Digest(evidence.ledgerID) else {
      throw .step("LEDGER", "MALFORMED_DIGEST", field: "ledger_id", "\(evidence.ledgerID.count) bytes; 32 expected")
    }
    guard (1...Self.maxProofs).contains(evidence.proofs.count) else {
      throw .step("LEDGER", "PROOF_COUNT", field: "proofs", "\(evidence.proofs.count); 1 to \(Self.maxProofs) expected")
    }
    self.ledgerID = ledgerID
    do { checkpoint = try policy.verify(evidence.checkpoint) } catch {
      throw .step("CHECKPOINT", error.reason, field: "checkpoint", error.message)
    }
    guard checkpoint.checkpoint.origin.hasSuffix("/\(ledgerID)") else {
      throw .step(
        "LEDGER", "LEDGER_MISMATCH", field: "ledger_id",
        "\(ledgerID); the checkpoint is of \(checkpoint.checkpoint.origin)")
    }
  }

  private func verify(_ proof: Cairn_V1_RecordProof) throws(Failure) -> VerifiedRecord {
    let entry = try within("LOG_PATH") { () throws(Failure) in try LogEntry(proof.entry) }
    let header = try within("SIGNATURE") { () throws(Failure) in try BatchHeader(entry.header) }
    guard header.ledgerID ?? header.digest == ledgerID else {
      throw .step("LEDGER", "LEDGER_MISMATCH", field: "entry", "the batch was signed for another ledger")
    }
    let id = MerkleTree.leafHash(proof.record)
    try within("RECORD_PATH") { () throws(Failure) in
      try Proof.verifyInclusion(
        leaf: id, index: UInt64(proof.recordIndex), size: UInt64(header.recordCount),
        path: try digests(proof.recordPath, "record_path"), root: header.recordsRoot)
    }
    let author = try within("SIGNATURE") { () throws(Failure) in try self.author(of: header, entry: entry, proof) }
    try within("LOG_PATH") { () throws(Failure) in
      try Proof.verifyInclusion(
        leaf: MerkleTree.leafHash(proof.entry), index: proof.position, size: checkpoint.checkpoint.size,
        path: try digests(proof.logPath, "log_path"), root: checkpoint.checkpoint.root)
    }
    guard proof.unknownFields.data.isEmpty else {
      throw .step("LEDGER", "UNKNOWN_FIELD", field: "", "a record proof with unknown fields")
    }
    return VerifiedRecord(
      id: id, bytes: proof.record, position: proof.position, index: proof.recordIndex, entry: entry, header: header,
      author: author, content: Result { () throws(Failure) in try ParsedRecord(proof.record) })
  }

  private func author(
    of header: BatchHeader, entry: LogEntry, _ proof: Cairn_V1_RecordProof
  ) throws(Failure) -> PublicKey {
    let key = try PublicKey(subjectPublicKeyInfo: Array(proof.authorPublicKey))
    guard key.id == header.authorKeyID else {
      throw .malformed("WRONG_KEY", field: "author_public_key", "key \(key.id); the header names \(header.authorKeyID)")
    }
    let signature = Cairn_V1_Signature.with {
      $0.suite = entry.suite.wire
      $0.value = entry.signature
    }
    try BatchSignature.verify(signature, header: entry.header, by: key)
    return key
  }

  /// Follows each author's key to the record that registered it for what it did, and so on until genesis, which names
  /// itself.
  private func verifyKeyChain(_ records: [VerifiedRecord]) throws(Failure) {
    for (index, record) in records.enumerated() where record.header.ledgerID != nil {
      let isRegistered = records.contains { registrar in
        guard registrar.position < record.position, let terms = registrar.registration(of: record.author.id) else {
          return false
        }
        return terms.isValid(at: record.entry.ledgerTime) && record.mayBeAuthored(by: terms.role)
      }
      guard isRegistered else {
        throw .step(
          "KEY_CHAIN", "KEY_NOT_REGISTERED", field: "proofs[\(index)]",
          "no proof in this file shows that key \(record.author.id) was registered for this before log position "
            + "\(record.position)")
      }
    }
    guard let last = records.last, last.header.ledgerID == nil, last.header.digest == ledgerID else {
      throw .step("KEY_CHAIN", "NO_GENESIS", field: "proofs", "the last proof must be of the genesis record")
    }
  }

  private func within<Value>(_ step: String, _ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    do { return try body() } catch {
      var failure = error
      if failure.metadata["step"] == nil { failure.metadata["step"] = step }
      throw failure
    }
  }

  private func digests(_ path: [Data], _ field: String) throws(Failure) -> [Digest] {
    let digests = path.compactMap { Digest($0) }
    guard digests.count == path.count else {
      throw .malformed("MALFORMED_DIGEST", field: field, "every hash of a path has 32 bytes")
    }
    return digests
  }
}

/// What evidence has been found to prove.
package struct VerifiedEvidence: Sendable {
  package let ledgerID: Digest
  /// The checkpoint, and who signed it.
  package let checkpoint: VerifiedCheckpoint
  /// First the record proved, then those that register keys, last genesis.
  package let records: [VerifiedRecord]
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

  /// Whether a key of that role may author such a record; what is without effect anyone may.
  func mayBeAuthored(by role: Role) -> Bool {
    guard case .success(let parsed) = content else { return true }
    return role.mayAuthor(parsed.family)
  }

  /// The registration of `key` that this record makes, if any. A record that may have been passed over makes none.
  package func registration(of key: KeyID) -> KeyRegistration? {
    if header.skipsBadRecords { return nil }
    return switch content {
    case .success(.consortium(.genesis(let terms))) where terms.admin.publicKey.id == key && header.ledgerID == nil:
      terms.admin
    case .success(.consortium(.registerKey(let terms))) where terms.publicKey.id == key: terms
    default: nil
    }
  }
}

extension Failure {
  fileprivate static func step(_ step: String, _ reason: String, field: String, _ description: String) -> Failure {
    var failure = Failure.malformed(reason, field: field, description)
    failure.metadata["step"] = step
    return failure
  }
}
