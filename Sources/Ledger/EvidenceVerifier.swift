package import Checkpoints
import Consortium
import FoundationEssentials
import Merkle
package import Primitives
import Signing
import SwiftProtobuf
package import Wire

/// Checks evidence with nothing but what the auditor trusts: no network, no clock, no trust in whoever made the file.
package struct EvidenceVerifier {
  /// What an auditor holds.
  package enum Trust: Sendable {
    /// A policy: whose signatures make a checkpoint.
    case policy(Policy)
    /// A ledger's id alone: its consortium's own records say whose signatures make a checkpoint.
    case ledger(Digest)
  }

  /// Most records one file may prove; those that show who could do that included.
  package static let maxProofs = 1_024

  private let evidence: Cairn_V1_Evidence
  private let ledgerID: Digest
  private let checkpoint: Checkpoint

  /// Verifies every statement of the evidence, or throws what does not hold. Every failure names its step: CHECKPOINT,
  /// LEDGER, RECORD_PATH, SIGNATURE, LOG_PATH or KEY_CHAIN in the metadata's `step`.
  package static func verify(_ evidence: Cairn_V1_Evidence, trust: Trust) throws(Failure) -> VerifiedEvidence {
    let verifier = try EvidenceVerifier(evidence)
    // The cheapest first; with a ledger's id alone, whose signature it must be follows from the records.
    if case .policy(let policy) = trust { _ = try verifier.signedCheckpoint(by: policy) }
    if case .ledger(let id) = trust, id != verifier.ledgerID {
      throw .step("LEDGER", "LEDGER_MISMATCH", field: "ledger_id", "\(verifier.ledgerID); the ledger trusted is \(id)")
    }
    var records: [VerifiedRecord] = []
    for (index, proof) in evidence.proofs.enumerated() {
      do { records.append(try verifier.verify(proof)) } catch { throw error.under("proofs[\(index)]") }
    }
    let directory = try verifier.verifyAuthority(records)
    let policy =
      switch trust {
      case .policy(let policy): policy
      case .ledger: try verifier.policy(of: directory, at: records)
      }
    return VerifiedEvidence(
      ledgerID: verifier.ledgerID, checkpoint: try verifier.signedCheckpoint(by: policy), records: records,
      directory: directory)
  }

  private init(_ evidence: Cairn_V1_Evidence) throws(Failure) {
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
    do { checkpoint = try Checkpoint(try SignedNote(evidence.checkpoint).text) } catch {
      throw .step("CHECKPOINT", error.reason, field: "checkpoint", error.message)
    }
    guard checkpoint.origin.hasSuffix("/\(ledgerID)") else {
      throw .step(
        "LEDGER", "LEDGER_MISMATCH", field: "ledger_id", "\(ledgerID); the checkpoint is of \(checkpoint.origin)")
    }
  }

  private func signedCheckpoint(by policy: Policy) throws(Failure) -> VerifiedCheckpoint {
    do { return try policy.verify(evidence.checkpoint) } catch {
      throw .step("CHECKPOINT", error.reason, field: "checkpoint", error.message)
    }
  }

  /// Whose signature the consortium's own records accept: any node's, as long as one is a quorum.
  private func policy(of directory: Directory, at records: [VerifiedRecord]) throws(Failure) -> Policy {
    let time = records.map(\.entry.ledgerTime).max() ?? Instant(microseconds: 0)
    let quorum = directory.quorum(at: time)
    guard quorum == 1 else {
      throw .step(
        "CHECKPOINT", "QUORUM_NOT_MET", field: "checkpoint",
        "\(quorum) members must sign; the ledger's id alone says so, not who: verify with a policy")
    }
    var logs: [VerifierKey] = []
    for key in directory.nodeKeys(at: time) {
      logs.append(try VerifierKey(name: checkpoint.origin, kind: .note, publicKey: key.publicKey))
    }
    return try Policy(logs: logs)
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
        leaf: MerkleTree.leafHash(proof.entry), index: proof.position, size: checkpoint.size,
        path: try digests(proof.logPath, "log_path"), root: checkpoint.root)
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

  /// Follows every author back to genesis: folds the consortium's records, in the order of the log, through the same rules
  /// that the ledger applied; each author must have been in force, and allowed to do that, where its record stands.
  private func verifyAuthority(_ records: [VerifiedRecord]) throws(Failure) -> Directory {
    guard let genesis = records.last, genesis.header.ledgerID == nil, genesis.header.digest == ledgerID,
      case .success(let parsed) = genesis.content, case .consortium(.genesis(let terms)) = parsed.body,
      genesis.entry.ledgerTime == genesis.header.createdAt
    else {
      throw .step("KEY_CHAIN", "NO_GENESIS", field: "proofs", "the last proof must be of the genesis record")
    }
    var directory = try within("KEY_CHAIN") { () throws(Failure) in
      try Directory(terms, at: genesis.entry.ledgerTime)
    }
    // Genesis may also stand first, as the record proved; where its place is the same, so is the record.
    let numbered = records.enumerated().dropLast().filter { $0.offset > 0 || $0.element.position > 0 }.sorted {
      ($0.element.position, $0.element.index) < ($1.element.position, $1.element.index)
    }
    for (place, next) in zip(numbered, numbered.dropFirst())
    where (place.element.position, place.element.index) == (next.element.position, next.element.index) {
      throw .step("KEY_CHAIN", "PROOF_REPEATED", field: "proofs[\(next.offset)]", "the record is proved twice")
    }
    var start = 0
    while start < numbered.count {
      let batch = numbered[start...].prefix { $0.element.position == numbered[start].element.position }
      // What a batch changes takes effect after it.
      for (number, record) in batch {
        try within(proof: number) { () throws(Failure) in try record.requireAuthority(in: directory) }
      }
      for (number, record) in batch { try within(proof: number) { () throws(Failure) in try record.amend(&directory) } }
      start += batch.count
    }
    return directory
  }

  private func within(proof number: Int, _ body: () throws(Failure) -> Void) throws(Failure) {
    do { try body() } catch {
      var failure = error.under("proofs[\(number)]")
      failure.metadata["step"] = "KEY_CHAIN"
      throw failure
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

extension Failure {
  fileprivate static func step(_ step: String, _ reason: String, field: String, _ description: String) -> Failure {
    var failure = Failure.malformed(reason, field: field, description)
    failure.metadata["step"] = step
    return failure
  }
}
