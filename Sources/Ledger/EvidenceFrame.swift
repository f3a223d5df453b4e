import Checkpoints
import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// What all evidence stands on: a ledger's id, and a checkpoint under which everything in it is proved.
struct EvidenceFrame {
  let ledgerID: Digest
  /// What the checkpoint says; whether it may be believed `signedCheckpoint` tells.
  let checkpoint: Checkpoint
  private let note: String
  private let trust: EvidenceVerifier.Trust

  /// Reads both, and checks what the auditor's trust can tell before the records are looked at.
  init(ledgerID bytes: Data, checkpoint note: String, trust: EvidenceVerifier.Trust) throws(Failure) {
    guard let ledgerID = Digest(bytes) else {
      throw .step("LEDGER", "MALFORMED_DIGEST", field: "ledger_id", "\(bytes.count) bytes; 32 expected")
    }
    do { checkpoint = try Checkpoint(try SignedNote(note).text) } catch {
      throw .step("CHECKPOINT", error.reason, field: "checkpoint", error.message)
    }
    guard checkpoint.origin.hasSuffix("/\(ledgerID)") else {
      throw .step(
        "LEDGER", "LEDGER_MISMATCH", field: "ledger_id", "\(ledgerID); the checkpoint is of \(checkpoint.origin)")
    }
    self.ledgerID = ledgerID
    self.note = note
    self.trust = trust
    switch trust {
    case .policy(let policy): _ = try signedCheckpoint(by: policy)
    case .ledger(let id):
      guard id == ledgerID else {
        throw .step("LEDGER", "LEDGER_MISMATCH", field: "ledger_id", "\(ledgerID); the ledger trusted is \(id)")
      }
    }
  }

  /// The checkpoint with its signers, if the trust accepts it; with a ledger's id alone, whose signature it must be follows
  /// from its records.
  func signedCheckpoint(_ directory: Directory, at records: [VerifiedRecord]) throws(Failure) -> VerifiedCheckpoint {
    switch trust {
    case .policy(let policy): try signedCheckpoint(by: policy)
    case .ledger: try signedCheckpoint(by: try policy(of: directory, at: records))
    }
  }

  /// A log entry whose author signed it, for this ledger.
  func entry(
    _ bytes: Data, signedBy key: (KeyID) throws(Failure) -> PublicKey
  ) throws(Failure) -> (entry: LogEntry, header: BatchHeader, author: PublicKey) {
    let entry = try within("LOG_PATH") { () throws(Failure) in try LogEntry(bytes) }
    let header = try within("SIGNATURE") { () throws(Failure) in try BatchHeader(entry.header) }
    guard header.ledgerID ?? header.digest == ledgerID else {
      throw .step("LEDGER", "LEDGER_MISMATCH", field: "entry", "the batch was signed for another ledger")
    }
    let author = try within("SIGNATURE") { () throws(Failure) in
      let author = try key(header.authorKeyID)
      let signature = Cairn_V1_Signature.with {
        $0.suite = entry.suite.wire
        $0.value = entry.signature
      }
      try BatchSignature.verify(signature, header: entry.header, by: author)
      return author
    }
    return (entry, header, author)
  }

  private func signedCheckpoint(by policy: Policy) throws(Failure) -> VerifiedCheckpoint {
    do { return try policy.verify(note) } catch {
      throw .step("CHECKPOINT", error.reason, field: "checkpoint", error.message)
    }
  }

  /// Whose signatures the consortium's own records accept.
  private func policy(of directory: Directory, at records: [VerifiedRecord]) throws(Failure) -> Policy {
    let time = records.map(\.entry.ledgerTime).max() ?? Instant(microseconds: 0)
    return try within("CHECKPOINT") { () throws(Failure) in
      try Policy(of: directory, origin: checkpoint.origin, at: time)
    }
  }
}

/// Names the step in whatever `body` refuses, unless that names its own.
func within<Value>(_ step: String, _ body: () throws(Failure) -> Value) throws(Failure) -> Value {
  do { return try body() } catch {
    var failure = error
    if failure.metadata["step"] == nil { failure.metadata["step"] = step }
    throw failure
  }
}

/// The hashes of a path or proof; malformed where one has not 32 bytes.
func digests(_ hashes: [Data], _ field: String) throws(Failure) -> [Digest] {
  let digests = hashes.compactMap { Digest($0) }
  guard digests.count == hashes.count else {
    throw .malformed("MALFORMED_DIGEST", field: field, "every hash has 32 bytes")
  }
  return digests
}

extension Failure {
  static func step(_ step: String, _ reason: String, field: String, _ description: String) -> Failure {
    var failure = Failure.malformed(reason, field: field, description)
    failure.metadata["step"] = step
    return failure
  }
}
