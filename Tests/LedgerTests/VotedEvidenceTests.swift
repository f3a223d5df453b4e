import Checkpoints
import Consortium
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct VotedEvidenceTests {
  /// Evidence for what a key signs that three members registered together, with nothing trusted but the ledger's id.
  struct Case {
    let ledger: TestLedger
    var evidence: Cairn_V1_Evidence
    var id: Digest { ledger.state.ledgerID }
    let proposal: Digest

    /// The places of the proof, in its order: the record, the vote, the proposal, genesis.
    static let (record, vote, proposal, genesis) = (0, 1, 2, 3)

    init() throws {
      var ledger = try TestLedger(members: ["harbour", "quay", "pier"])
      let key = try PrivateKey.generate(.ed25519)
      proposal = try ledger.propose(
        .registerKey(TestLedger.terms(of: key.publicKey, [.operator], member: "quay")), by: 2)
      try ledger.approve(proposal, by: 0)
      var author = BatchBuilder(key: key, ledgerID: ledger.state.ledgerID)
      try ledger.submit(try author.batch([try TestLedger.sighting(1)], createdAt: ledger.start))
      evidence = try ledger.evidence(of: RecordPlace(position: 3, index: 0))
      self.ledger = ledger
    }

    func verify() throws(Failure) -> VerifiedEvidence { try EvidenceVerifier.verify(evidence, trust: .ledger(id)) }
  }

  @Test func aVotedKeyIsProvedByTheProposalAndTheVotes() throws {
    let it = try Case()
    let verified = try it.verify()
    #expect(verified.records.map(\.position) == [3, 2, 1, 0])
    #expect(verified.directory.proposals[it.proposal]?.outcome != nil)
    #expect(verified.directory.keys[verified.records[0].author.id]?.memberID.description == "quay")
  }

  /// A record that is left out, and why the rest proves nothing.
  static let gaps = [(Case.vote, "UNKNOWN_KEY"), (Case.proposal, "UNKNOWN_PROPOSAL"), (Case.genesis, "NO_GENESIS")]

  @Test(arguments: gaps) func nothingThatDecidedMayBeLeftOut(record: Int, reason: String) throws {
    var it = try Case()
    it.evidence.proofs.remove(at: record)
    let failure = #expect(throws: Failure.self) { try it.verify() }
    #expect(failure?.reason == reason)
    #expect(failure?.metadata["step"] == "KEY_CHAIN")
  }

  @Test func theOrderOfTheProofsDoesNotMatterTheOrderOfTheLogDoes() throws {
    var it = try Case()
    it.evidence.proofs.swapAt(Case.vote, Case.proposal)
    #expect(throws: Never.self) { try it.verify() }
  }

  @Test func aKeyThatWasRevokedBeforeProvesNothing() throws {
    var ledger = try TestLedger()
    let key = try PrivateKey.generate(.ed25519)
    try ledger.change(.registerKey(TestLedger.terms(of: key.publicKey, [.device])))
    var device = BatchBuilder(key: key, ledgerID: ledger.state.ledgerID)
    try ledger.submit(try device.batch([try TestLedger.sighting(1)], createdAt: ledger.start))
    try ledger.change(.revokeKey(.with { $0.keyID = Data(key.publicKey.id.digest.bytes) }))
    let before = try ledger.evidence(of: RecordPlace(position: 2, index: 0))
    #expect(try EvidenceVerifier.verify(before, trust: .ledger(ledger.state.ledgerID)).records.count == 3)
  }

  @Test func anotherLedgersIDIsRefused() throws {
    let it = try Case()
    let other = try TestLedger().state.ledgerID
    let failure = #expect(throws: Failure.self) { try EvidenceVerifier.verify(it.evidence, trust: .ledger(other)) }
    #expect(failure?.reason == "LEDGER_MISMATCH")
  }

  @Test func aCheckpointOfNobodysNodeIsRefused() throws {
    var it = try Case()
    let forger = try CheckpointSigner(
      origin: Genesis.origin(name: "harbour", ledgerID: it.id), logKey: try PrivateKey.generate(.ed25519))
    it.evidence.checkpoint = try forger.sign(size: it.ledger.state.edge.size, root: it.ledger.state.edge.root).note
    let failure = #expect(throws: Failure.self) { try it.verify() }
    #expect(failure?.reason == "LOG_SIGNATURE_MISSING")
    #expect(failure?.metadata["step"] == "CHECKPOINT")
  }

  @Test func whereOneSignatureIsNoQuorumTheIDAloneDoesNotDo() throws {
    var ledger = try TestLedger()
    let node = try PrivateKey.generate(.ed25519).publicKey
    let joining = Cairn_V1_AddMember.with {
      $0.member.id = "quay"
      $0.member.legalName = "Quay Ltd"
      $0.member.country = "CN"
      $0.member.roles = [.node]
      $0.keys = [TestLedger.terms(of: node, [.node], member: "quay")]
    }
    try ledger.propose(.addMember(joining))
    let evidence = try ledger.evidence(of: RecordPlace(position: 1, index: 0))
    let failure = #expect(throws: Failure.self) {
      try EvidenceVerifier.verify(evidence, trust: .ledger(ledger.state.ledgerID))
    }
    #expect(failure?.reason == "QUORUM_NOT_MET")
  }
}
