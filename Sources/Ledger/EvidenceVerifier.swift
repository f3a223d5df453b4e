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

  private let frame: EvidenceFrame

  /// Verifies every statement of the evidence, or throws what does not hold. Every failure names its step: CHECKPOINT,
  /// LEDGER, RECORD_PATH, SIGNATURE, LOG_PATH or KEY_CHAIN in the metadata's `step`.
  package static func verify(_ evidence: Cairn_V1_Evidence, trust: Trust) throws(Failure) -> VerifiedEvidence {
    guard evidence.version == 1, evidence.unknownFields.data.isEmpty else {
      throw .step(
        "LEDGER", "UNKNOWN_VERSION", field: "version", "evidence of version 1 without unknown fields expected")
    }
    guard (1...maxProofs).contains(evidence.proofs.count) else {
      throw .step("LEDGER", "PROOF_COUNT", field: "proofs", "\(evidence.proofs.count); 1 to \(maxProofs) expected")
    }
    let verifier = EvidenceVerifier(
      frame: try EvidenceFrame(ledgerID: evidence.ledgerID, checkpoint: evidence.checkpoint, trust: trust))
    var records: [VerifiedRecord] = []
    for (index, proof) in evidence.proofs.enumerated() {
      do { records.append(try verifier.verify(proof)) } catch { throw error.under("proofs[\(index)]") }
    }
    let directory = try verifier.verifyAuthority(records)
    return VerifiedEvidence(
      ledgerID: verifier.frame.ledgerID, checkpoint: try verifier.frame.signedCheckpoint(directory, at: records),
      records: records, directory: directory)
  }

  private func verify(_ proof: Cairn_V1_RecordProof) throws(Failure) -> VerifiedRecord {
    let (entry, header, author) = try frame.entry(proof.entry) { (id) throws(Failure) in
      let key = try PublicKey(subjectPublicKeyInfo: Array(proof.authorPublicKey))
      guard key.id == id else {
        throw .malformed("WRONG_KEY", field: "author_public_key", "key \(key.id); the header names \(id)")
      }
      return key
    }
    let id = MerkleTree.leafHash(proof.record)
    try within("RECORD_PATH") { () throws(Failure) in
      try Proof.verifyInclusion(
        leaf: id, index: UInt64(proof.recordIndex), size: UInt64(header.recordCount),
        path: try digests(proof.recordPath, "record_path"), root: header.recordsRoot)
    }
    try within("LOG_PATH") { () throws(Failure) in
      try Proof.verifyInclusion(
        leaf: MerkleTree.leafHash(proof.entry), index: proof.position, size: frame.checkpoint.size,
        path: try digests(proof.logPath, "log_path"), root: frame.checkpoint.root)
    }
    guard proof.unknownFields.data.isEmpty else {
      throw .step("LEDGER", "UNKNOWN_FIELD", field: "", "a record proof with unknown fields")
    }
    return VerifiedRecord(
      id: id, bytes: proof.record, position: proof.position, index: proof.recordIndex, entry: entry, header: header,
      author: author)
  }

  /// Genesis is the last proof; it may also stand first, as the record proved: where its place is the same, so is the
  /// record.
  private func verifyAuthority(_ records: [VerifiedRecord]) throws(Failure) -> Directory {
    let links = records.enumerated().map { KeyChain.Link(field: "proofs[\($0.offset)]", record: $0.element) }
    var chain = try KeyChain(links[links.count - 1], of: frame.ledgerID)
    let others = links.enumerated().dropLast().filter { $0.offset > 0 || $0.element.record.position > 0 }
      .map(\.element).sorted { $0.record.place < $1.record.place }
    for (link, next) in zip(others, others.dropFirst()) where link.record.place == next.record.place {
      throw .step("KEY_CHAIN", "PROOF_REPEATED", field: next.field, "the record is proved twice")
    }
    try chain.follow(others)
    return chain.directory
  }
}
