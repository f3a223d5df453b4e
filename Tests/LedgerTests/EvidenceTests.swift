import Checkpoints
import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Provenance
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct EvidenceTests {
  /// Evidence for one sighting, and the policy it is checked by.
  struct Case {
    var evidence: Cairn_V1_Evidence
    let policy: Policy
    let ledger: TestLedger
    let signer: CheckpointSigner

    init() throws {
      var ledger = try TestLedger()
      var device = try ledger.register(suite: .ecdsaP256)
      try ledger.submit(try device.batch(try (1...5).map { try TestLedger.sighting($0) }, createdAt: ledger.start))
      try ledger.submit(try device.batch([try TestLedger.sighting(9)], createdAt: ledger.start))
      signer = try ledger.signer()
      policy = try Policy(signer.policy)
      evidence = try ledger.evidence(of: RecordPlace(position: 2, index: 3))
      self.ledger = ledger
    }
  }

  @Test func provesTheRecordAndItsKeysBackToGenesis() throws {
    let it = try Case()
    let verified = try EvidenceVerifier.verify(it.evidence, trust: .policy(it.policy))
    #expect(verified.records.map(\.position) == [2, 1, 0])
    guard case .provenance(let event) = try verified.records[0].content.get().body else {
      Issue.record("no event was proved")
      return
    }
    #expect(event.items.map(\.canonical) == ["https://id.gs1.org/01/09521321000018/21/B4"])
  }

  /// One thing that is wrong with a file, the step that finds it, and the reason.
  static let attacks: [(step: String, reason: String, spoil: @Sendable (inout Cairn_V1_Evidence) -> Void)] = [
    ("LEDGER", "UNKNOWN_VERSION", { $0.version = 2 }),
    ("LEDGER", "MALFORMED_DIGEST", { $0.ledgerID.removeLast() }),
    ("LEDGER", "LEDGER_MISMATCH", { $0.ledgerID[0] ^= 1 }),
    ("LEDGER", "PROOF_COUNT", { $0.proofs = [] }),
    ("LEDGER", "PROOF_COUNT", { $0.proofs = Array(repeating: $0.proofs[0], count: EvidenceVerifier.maxProofs + 1) }),
    ("CHECKPOINT", "LOG_SIGNATURE_WRONG", { $0.checkpoint = $0.checkpoint.replacing("\n4\n", with: "\n5\n") }),
    ("RECORD_PATH", "ROOT_MISMATCH", { $0.proofs[0].record[30] ^= 1 }),
    ("RECORD_PATH", "ROOT_MISMATCH", { $0.proofs[0].recordIndex = 2 }),
    ("RECORD_PATH", "INDEX_OUT_OF_RANGE", { $0.proofs[0].recordIndex = 5 }),
    ("RECORD_PATH", "PATH_LENGTH", { $0.proofs[0].recordPath.removeLast() }),
    ("RECORD_PATH", "MALFORMED_DIGEST", { $0.proofs[0].recordPath[0].removeLast() }),
    ("SIGNATURE", "INVALID_SIGNATURE", { $0.proofs[0].entry[20] ^= 1 }),
    ("SIGNATURE", "WRONG_KEY", { $0.proofs[0].authorPublicKey = $0.proofs[1].authorPublicKey }),
    ("LOG_PATH", "ROOT_MISMATCH", { $0.proofs[0].entry[4] ^= 1 }),
    ("LOG_PATH", "ROOT_MISMATCH", { $0.proofs[0].position = 3 }),
    ("LOG_PATH", "INDEX_OUT_OF_RANGE", { $0.proofs[0].position = 4 }),
    ("LOG_PATH", "PATH_LENGTH", { $0.proofs[0].logPath.append($0.proofs[0].logPath[0]) }),
    ("KEY_CHAIN", "UNKNOWN_KEY", { $0.proofs.remove(at: 1) }),
    ("KEY_CHAIN", "PROOF_REPEATED", { $0.proofs.insert($0.proofs[1], at: 1) }),
    ("KEY_CHAIN", "NO_GENESIS", { $0.proofs.swapAt(1, 2) }),
  ]

  @Test(arguments: attacks.indices) func everyAttackIsNamedByItsStep(number: Int) throws {
    var it = try Case()
    let attack = Self.attacks[number]
    attack.spoil(&it.evidence)
    let failure = #expect(throws: Failure.self) { try EvidenceVerifier.verify(it.evidence, trust: .policy(it.policy)) }
    #expect(failure?.reason == attack.reason)
    #expect(failure?.metadata["step"] == attack.step)
  }

  @Test func noSingleByteCanBeChanged() throws {
    let it = try Case()
    let bytes: Data = try it.evidence.serializedBytes()
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x55
      guard let evidence = try? Cairn_V1_Evidence(serializedBytes: changed) else { continue }
      #expect(throws: Failure.self, "byte \(index)") {
        try EvidenceVerifier.verify(evidence, trust: .policy(it.policy))
      }
    }
  }

  @Test func anotherLedgersPolicyIsRefused() throws {
    let (it, other) = (try Case(), try Case())
    #expect(throws: Failure.self) { try EvidenceVerifier.verify(it.evidence, trust: .policy(other.policy)) }
  }

  /// A log that honest nodes would not have written: a registration in a batch that may pass bad records over.
  @Test func aRegistrationThatMayHaveBeenPassedOverVouchesForNobody() throws {
    var it = try Case()
    let ledgerID = try #require(Digest(it.evidence.ledgerID))
    var forger = BatchBuilder(key: it.ledger.adminKey, ledgerID: ledgerID)
    let device = try #require(it.ledger.applied[1].batch.records.first)
    let batch = try forger.batch([device], createdAt: it.ledger.start, onError: .skipRecord)
    let entry = LogEntry(
      ledgerTime: it.ledger.start, suite: .ed25519, signature: batch.signature.value, header: batch.header
    ).encoded
    var leaves = it.ledger.applied.map { MerkleTree.leafHash($0.entry) }
    leaves[1] = MerkleTree.leafHash(entry)
    it.evidence.proofs[1].entry = entry
    for (number, position) in [2, 1, 0].enumerated() {
      it.evidence.proofs[number].logPath = try MerkleTree.path(index: position, leaves: leaves).map { Data($0.bytes) }
    }
    it.evidence.checkpoint = try it.signer.sign(size: UInt64(leaves.count), root: MerkleTree.root(leaves)).note
    let failure = #expect(throws: Failure.self) { try EvidenceVerifier.verify(it.evidence, trust: .policy(it.policy)) }
    #expect(failure?.reason == "SKIP_NOT_ALLOWED")
  }
}

extension TestLedger {
  /// The node's log key at work.
  func signer() throws -> CheckpointSigner {
    try CheckpointSigner(origin: Genesis.origin(name: "harbour", ledgerID: state.ledgerID), logKey: logKey)
  }

  /// Evidence of a record: its proof, then those of the records that decide what its author could do, newest first.
  func evidence(of place: RecordPlace) throws -> Cairn_V1_Evidence {
    let author = applied[Int(place.position)].batch.header.authorKeyID
    let support = state.directory.supportingRecords(of: author, before: place.position).reversed()
    return try .with {
      $0.version = 1
      $0.ledgerID = Data(state.ledgerID.bytes)
      $0.checkpoint = try signer().sign(size: state.edge.size, root: state.edge.root).note
      $0.proofs = try ([place] + support).map(proof)
    }
  }

  private func proof(of place: RecordPlace) throws -> Cairn_V1_RecordProof {
    let applied = applied[Int(place.position)]
    let leaves = self.applied.map { MerkleTree.leafHash($0.entry) }
    let author = try state.directory.key(applied.batch.header.authorKeyID)
    return try .with {
      $0.record = applied.batch.records[Int(place.index)]
      $0.recordIndex = place.index
      $0.recordPath = try MerkleTree.path(index: Int(place.index), leaves: applied.batch.recordIDs)
        .map { Data($0.bytes) }
      $0.entry = applied.entry
      $0.position = place.position
      $0.logPath = try MerkleTree.path(index: Int(place.position), leaves: leaves).map { Data($0.bytes) }
      $0.authorPublicKey = Data(author.publicKey.subjectPublicKeyInfo)
    }
  }
}
