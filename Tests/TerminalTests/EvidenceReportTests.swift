import Checkpoints
import Consortium
import EPCIS
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Signing
import Terminal
import Testing
import Wire

/// A ledger of three batches — genesis, a device's key, one event — and evidence of the event.
private struct SmallLedger {
  let admin: PrivateKey
  let device: PrivateKey
  let policy: Policy
  var evidence = Cairn_V1_Evidence()

  init() throws {
    admin = try PrivateKey.generate(.ed25519)
    device = try PrivateKey.generate(.ecdsaP256)
    let log = try PrivateKey.generate(.ed25519)
    let made = Instant(microseconds: 1_772_350_000_000_000)
    let salt = Data(repeating: 7, count: 16)
    let genesis = try Genesis.batch(
      Genesis.alone(name: "harbour", memberID: "acme", admin: admin.publicKey, logKey: log.publicKey),
      founder: admin, salt: salt, createdAt: made)
    let ledgerID = SHA256.hash(genesis.header)

    var registration = Cairn_V1_RegisterKey()
    registration.publicKey = Data(device.publicKey.subjectPublicKeyInfo)
    registration.memberID = "acme"
    registration.roles = [.device]
    registration.label = "dock \u{1B}4"
    var founder = BatchBuilder(
      key: admin, ledgerID: ledgerID, chain: AuthorChain(nextSequence: 2, lastDigest: SHA256.hash(genesis.header)))
    let keys = try founder.batch(
      [try BatchBuilder.serialize(Cairn_V1_Record(change: .registerKey(registration), salt: salt))], createdAt: made)

    let text =
      #"{"type": "ObjectEvent", "eventTime": "2026-03-01T09:30:00+02:00", "eventTimeZoneOffset": "+02:00", "#
      + #""action": "OBSERVE", "bizStep": "shipping", "epcList": ["urn:epc:id:sgtin:0614141.107346.1"]}"#
    let event = try EPCISReader.open(Array(text.utf8)).event(at: 0).event
    var scanner = BatchBuilder(key: device, ledgerID: ledgerID)
    let events = try scanner.batch(
      [try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))], createdAt: made, clockQuality: .gnss)

    let origin = Genesis.origin(name: "harbour", ledgerID: ledgerID)
    let signer = try NoteSigner(name: origin, key: log)
    policy = try Policy(logs: [signer.verifierKey])
    try prove([events, keys, genesis], ledgerID, signer, at: made)
  }

  /// Every batch here has one record, so that a record's path is empty; the log is proved by hand.
  private mutating func prove(
    _ batches: [Cairn_V1_Batch], _ ledgerID: Digest, _ signer: NoteSigner, at time: Instant
  ) throws {
    let entries = try batches.reversed().map { batch in
      LogEntry(
        ledgerTime: time, suite: try #require(Suite(batch.signature.suite)), signature: batch.signature.value,
        header: batch.header
      ).encoded
    }
    let leaves = entries.map { MerkleTree.leafHash($0) }
    let pair = MerkleTree.root([leaves[0], leaves[1]])
    let paths = [[leaves[1], leaves[2]], [leaves[0], leaves[2]], [pair]]
    let checkpoint = try Checkpoint(origin: signer.verifierKey.name, size: 3, root: MerkleTree.root(leaves))
    evidence.version = 1
    evidence.ledgerID = Data(ledgerID.bytes)
    evidence.checkpoint = "\(try signer.sign(checkpoint))"
    for (index, batch) in batches.enumerated() {
      let position = batches.count - 1 - index
      var proof = Cairn_V1_RecordProof()
      proof.record = batch.records[0]
      proof.entry = entries[position]
      proof.position = UInt64(position)
      proof.logPath = paths[position].map { Data($0.bytes) }
      proof.authorPublicKey = Data((position == 2 ? device : admin).publicKey.subjectPublicKeyInfo)
      evidence.proofs.append(proof)
    }
  }
}

@Suite struct EvidenceReportTests {
  @Test func whatWasProvedIsSaidStepByStep() throws {
    let ledger = try SmallLedger()
    let verified = try EvidenceVerifier.verify(ledger.evidence, trust: .policy(ledger.policy))
    let (device, admin) = (ledger.device.publicKey.id, ledger.admin.publicKey.id)
    #expect(
      EvidenceReport(style: .plain, width: nil).lines(verified) == [
        "2026-03-01 09:30:00 +02:00  shipping",
        "  event        object event, OBSERVE",
        "  items        urn:epc:id:sgtin:0614141.107346.1",
        "",
        "✓ checkpoint   harbour/\(verified.ledgerID), 3 entries, signed by the log's key",
        "✓ root         \(verified.checkpoint.checkpoint.root)",
        "✓ ledger       \(verified.ledgerID)",
        "✓ record       \(verified.records[0].id), number 1 of the 1 in its batch",
        "✓ signature    ECDSA P-256 by key \(device), batch 1 of that key",
        "✓ author clock 2026-03-01 07:26:40 UTC (set by satellite)",
        "✓ log          position 2, ordered at 2026-03-01 07:26:40 UTC",
        "✓ key          of acme, device 'dock \\u{1b}4': \(device), registered at position 1 by key \(admin)",
        "✓ key          of acme, admin 'founding admin': \(admin), registered at genesis",
      ])
  }

  @Test func aNarrowTerminalCutsNothing() throws {
    let ledger = try SmallLedger()
    let verified = try EvidenceVerifier.verify(ledger.evidence, trust: .policy(ledger.policy))
    let words = { (width: Int?) in
      EvidenceReport(style: .plain, width: width).lines(verified).joined(separator: " ").split(separator: " ")
    }
    #expect(words(40) == words(nil))
    for line in EvidenceReport(style: .plain, width: 100).lines(verified) { #expect(line.displayWidth <= 100) }
  }

  @Test func jsonSaysTheSame() throws {
    let ledger = try SmallLedger()
    let json = EvidenceReport.json(try EvidenceVerifier.verify(ledger.evidence, trust: .policy(ledger.policy)))
    #expect(json["verified"] == .boolean(true))
    guard case .array(let records)? = json["records"] else { return #expect(Bool(false), "no records") }
    #expect(records.map { $0["memberId"] } == [.text("acme"), .text("acme"), .text("acme")])
    #expect(records[0]["event"]?["bizStep"] == .text("shipping"))
  }

  @Test(arguments: ["record", "ledger", "log", "checkpoint", "key", "signature"])
  func theStepThatDoesNotHoldIsNamed(step: String) throws {
    let ledger = try SmallLedger()
    var evidence = ledger.evidence
    switch step {
    case "record": evidence.proofs[0].record[20] ^= 1
    case "ledger": evidence.ledgerID[3] ^= 1
    case "log": evidence.proofs[0].logPath[0][0] ^= 1
    case "checkpoint": evidence.checkpoint = evidence.checkpoint.replacing("harbour", with: "horbour")
    case "key": evidence.proofs.remove(at: 1)
    default: evidence.proofs[0].entry[20] ^= 1
    }
    let failure = try #require(throws: Failure.self) {
      try EvidenceVerifier.verify(evidence, trust: .policy(ledger.policy))
    }
    let lines = EvidenceReport(style: .plain, width: nil).lines(
      failure, checkpoint: try? ledger.policy.verify(evidence.checkpoint))
    #expect(lines.last?.hasPrefix("✗ \(step) ") == true, "\(lines) \(failure)")
    #expect(lines.first?.hasPrefix("✓ checkpoint") == (step != "checkpoint"))
    #expect(EvidenceReport.json(failure)["verified"] == .boolean(false))
  }
}
