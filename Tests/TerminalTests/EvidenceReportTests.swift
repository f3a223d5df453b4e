import Checkpoints
import EPCIS
import FoundationEssentials
import Ledger
import Primitives
import Signing
import Terminal
import Testing
import Wire

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
        "✓ checkpoint   harbour/\(verified.ledgerID), 5 entries, signed by the log's key",
        "✓ root         \(verified.checkpoint.checkpoint.root)",
        "✓ ledger       \(verified.ledgerID)",
        "✓ record       \(verified.records[0].id), number 1 of the 1 in its batch",
        "✓ signature    ECDSA P-256 by key \(device), batch 1 of that key",
        "✓ author clock 2026-03-01 07:26:40 UTC (set by satellite)",
        "✓ log          position 4, ordered at 2026-03-01 07:26:40 UTC",
        "✓ key          of acme, device 'dock \\u{1b}4': \(device), registered at position 3 by key \(admin)",
        "✓ key          of acme, admin 'second admin': \(admin), registered at position 2 by the votes of acme, harbour",
      ])
  }

  @Test func whatTheFoundersRegisteredGoesBackToGenesis() throws {
    let ledger = try SmallLedger()
    var evidence = ledger.evidence
    evidence.proofs.removeFirst(3)
    let verified = try EvidenceVerifier.verify(evidence, trust: .ledger(ledger.ledgerID))
    let founder = ledger.founder.publicKey.id
    #expect(
      EvidenceReport(style: .plain, width: nil).lines(verified).last
        == "✓ key          of harbour, admin 'founding admin': \(founder), registered at genesis")
  }

  @Test func aCompromisedAuthorIsUnmistakable() throws {
    let made = SmallLedger.made.microseconds
    for (since, isCompromised) in [(made, true), (made + 1, false)] {
      let ledger = try SmallLedger(compromisedSince: Instant(microseconds: since))
      let verified = try EvidenceVerifier.verify(ledger.evidence, trust: .ledger(ledger.ledgerID))
      let lines = EvidenceReport(style: .plain, width: nil).lines(verified)
      #expect(verified.isCompromised == isCompromised)
      #expect(lines.last?.hasPrefix("! compromised ") == isCompromised)
      let json = EvidenceReport.json(verified)
      #expect(json["verified"] == .boolean(true))
      #expect(json["compromised"] == .boolean(isCompromised))
    }
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
    #expect(records.map { $0["memberId"] } == ["acme", "acme", "acme", "harbour", "harbour"].map { .text($0) })
    #expect(records[0]["event"]?["bizStep"] == .text("shipping"))
    guard case .array(let keys)? = json["keys"] else { return #expect(Bool(false), "no keys") }
    #expect(keys.map { $0["registeredPosition"] } == [.number(3), .number(2)])
    #expect(keys[0]["registeredBy"] == .text("\(ledger.admin.publicKey.id)"))
    #expect(keys[1]["votes"] == .array([.text("acme"), .text("harbour")]))
  }

  @Test(arguments: ["record", "ledger", "log", "checkpoint", "key", "vote", "signature"], [true, false])
  func theStepThatDoesNotHoldIsNamed(step: String, holdsPolicy: Bool) throws {
    let ledger = try SmallLedger()
    var evidence = ledger.evidence
    switch step {
    case "record": evidence.proofs[0].record[20] ^= 1
    case "ledger": evidence.ledgerID[3] ^= 1
    case "log": evidence.proofs[0].logPath[0][0] ^= 1
    case "checkpoint": evidence.checkpoint = evidence.checkpoint.replacing("harbour", with: "horbour")
    case "key": evidence.proofs.remove(at: 1)
    case "vote": evidence.proofs.remove(at: 2)
    default: evidence.proofs[0].entry[20] ^= 1
    }
    let trust: EvidenceVerifier.Trust = holdsPolicy ? .policy(ledger.policy) : .ledger(ledger.ledgerID)
    let failure = try #require(throws: Failure.self) { try EvidenceVerifier.verify(evidence, trust: trust) }
    let lines = EvidenceReport(style: .plain, width: nil).lines(
      failure, checkpoint: try? ledger.policy.verify(evidence.checkpoint))
    let named = step == "vote" ? "key" : step
    #expect(lines.last?.hasPrefix("✗ \(named) ") == true, "\(lines) \(failure)")
    #expect(lines.first?.hasPrefix("✓ checkpoint") == (step != "checkpoint"))
    #expect(EvidenceReport.json(failure)["verified"] == .boolean(false))
  }
}
