import Checkpoints
import EPCIS
import FoundationEssentials
import Ledger
import Primitives
import Signing
import SwiftProtobuf
import Terminal
import Testing
import Wire

@Suite struct PackReportTests {
  private static let item = "https://id.gs1.org/01/10614141073464/21/1"

  private static func verified(_ ledger: SmallLedger) async throws -> VerifiedAnswer {
    try await AnswerVerifier.verify(ledger.answer(about: item), trust: .policy(ledger.policy))
  }

  @Test func aLineAnEventAndALineAKey() async throws {
    let ledger = try SmallLedger()
    let answer = try await Self.verified(ledger)
    let evidence = answer.pack.evidence
    let (device, admin) = (ledger.device.publicKey.id, ledger.admin.publicKey.id)
    let lines = PackReport(answer).lines(style: .plain, width: nil)
    #expect(
      Array(lines.prefix(6)) == [
        "history of \(Self.item)",
        "",
        "✓ checkpoint   harbour/\(evidence.ledgerID), 5 entries, signed by the log's key",
        "✓ root         \(evidence.checkpoint.checkpoint.root)",
        "✓ ledger       \(evidence.ledgerID)",
        "✓ signatures   1 event in 5 batches with 4 records that show whose keys they are, each batch signed by its "
          + "author's key",
      ])
    let table = lines.dropFirst(6).map { $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init) }
    let (first, second) = ("\(device)".prefix(16), "\(admin)".prefix(16))
    #expect(table.contains(["KEY", "MEMBER", "ROLES", "EVENTS", "LABEL", "REGISTERED"]))
    #expect(
      table.contains([
        "\(first)", "acme", "device", "1", "dock", "\\u{1b}4", "at", "position", "3", "by", "key", "\(admin)",
      ]))
    #expect(table.contains { $0.first == "\(second)" && $0.contains("votes") })
    #expect(table.contains { $0.prefix(4) == ["2026-03-01", "09:30:00", "+02:00", "4.0"] && $0.last == "\(first)" })
    #expect(lines.last?.hasPrefix("? not proved   that nothing was left out.") == true)
  }

  @Test func aCompromisedAuthorIsMarked() async throws {
    let made = SmallLedger.made.microseconds
    for (since, isCompromised) in [(made, true), (made + 1, false)] {
      let report = PackReport(try await Self.verified(try SmallLedger(compromisedSince: Instant(microseconds: since))))
      #expect(report.isCompromised == isCompromised)
      let lines = report.lines(style: .plain, width: nil)
      #expect(lines.contains { $0.hasPrefix("! compromised  others had the key of 1 event") } == isCompromised)
      #expect(report.json["compromised"] == .boolean(isCompromised))
    }
  }

  @Test func whatIsNotProvedIsSaid() async throws {
    let ledger = try SmallLedger()
    var answer = try ledger.answer(about: Self.item)
    answer.forbiddenEvents = true
    answer.partial = true
    let report = PackReport(try await AnswerVerifier.verify(answer, trust: .ledger(ledger.ledgerID)))
    #expect(report.limits.count == 3)
    let lines = report.lines(style: .plain, width: 100)
    #expect(lines.allSatisfy { $0.displayWidth <= 100 })
    #expect(lines.filter { $0.hasPrefix("? not proved") }.count == 3)
  }

  @Test func jsonSaysTheSame() async throws {
    let json = PackReport(try await Self.verified(try SmallLedger())).json
    #expect(json["verified"] == .boolean(true))
    #expect(json["question"]?["history"] == .text(Self.item))
    guard case .array(let events)? = json["events"] else { return #expect(Bool(false), "no events") }
    #expect(events.map { $0["memberId"] } == [.text("acme")])
    #expect(events[0]["event"]?["bizStep"] == .text("shipping"))
  }
}

extension SmallLedger {
  /// The whole log as an answer: the proof of all leaves needs no hash.
  fileprivate func answer(about item: String) throws -> Cairn_V1_ProvedAnswer {
    let proofs = evidence.proofs.sorted { $0.position < $1.position }
    let keys = Dictionary(
      proofs.map { (SHA256.hash($0.authorPublicKey), $0.authorPublicKey) }, uniquingKeysWith: { $1 })
    return .with {
      $0.format = AnswerVerifier.format
      $0.history.item = item
      $0.evidence.version = 1
      $0.evidence.ledgerID = evidence.ledgerID
      $0.evidence.checkpoint = evidence.checkpoint
      $0.evidence.authorPublicKeys = keys.sorted { "\($0.key)" < "\($1.key)" }.map(\.value)
      $0.evidence.records = proofs.map(\.record)
      $0.evidence.batches = proofs.map { proof in
        .with {
          $0.position = proof.position
          $0.entry = proof.entry
          $0.recordIndices = [0]
        }
      }
    }
  }
}
