import EPCIS
import FoundationEssentials
import SwiftProtobuf
import Terminal
import Testing
import Wire

@Suite struct ConsortiumWordsTests {
  private static let id = Data(repeating: 0xAB, count: 32)

  /// Every action there is, with its headline and what programs call it.
  private static let actions: [(Cairn_V1_Proposal.OneOf_Action, String, String)] = [
    (
      .addMember(.with { $0.member = .with { ($0.id, $0.legalName, $0.country) = ("acme", "Acme \u{1B}[2J", "NO") } }),
      "add member acme (Acme \u{1B}[2J, NO)", "addMember"
    ),
    (.suspendMember(.with { $0.memberID = "acme" }), "suspend member acme", "suspendMember"),
    (.reinstateMember(.with { $0.memberID = "acme" }), "reinstate member acme", "reinstateMember"),
    (.removeMember(.with { $0.memberID = "acme" }), "remove member acme for good", "removeMember"),
    (
      .changeRoles(.with { ($0.memberID, $0.roles) = ("acme", [.auditor, .UNRECOGNIZED(42)]) }),
      "let keys of acme have these roles: auditor, role 42", "changeRoles"
    ),
    (
      .registerKey(.with { ($0.memberID, $0.roles) = ("acme", [.admin]) }), "register a key of acme as admin",
      "registerKey"
    ),
    (.rotateKey(.with { $0.keyID = id }), "replace key abababababababab", "rotateKey"),
    (.revokeKey(.with { $0.keyID = id }), "revoke key abababababababab", "revokeKey"),
    (
      .changeThresholds(.with { $0.votes = 3 }),
      "decide by 3 votes, finish by as many cosignatures as the rules ask for", "changeThresholds"
    ),
    (.pauseAuthor(.with { $0.keyID = id }), "pause key abababababababab", "pauseAuthor"),
    (.resumeAuthor(.with { $0.keyID = id }), "resume key abababababababab", "resumeAuthor"),
    (.redact(.with { ($0.position, $0.recordIndex) = (7, 2) }), "erase record 7.2", "redact"),
  ]

  @Test(arguments: actions.indices)
  func everyActionHasWords(index: Int) {
    let (action, headline, kind) = Self.actions[index]
    let status = Cairn_V1_ProposalStatus.with {
      $0.proposalID = Self.id
      $0.proposal = .with {
        $0.action = action
        $0.reason = "because"
        $0.expiresAtMicroseconds = 1_772_350_000_000_000
      }
      $0.memberID = "mill"
      $0.state = .open
      $0.votesNeeded = 3
      $0.votes = [
        .with { ($0.memberID, $0.choice) = ("mill", .approve) }, .with { ($0.memberID, $0.choice) = ("till", .reject) },
      ]
    }
    let words = ProposalStatusWords(status)
    #expect(words.row == ["abababababababab", "open", "1 of 3", "mill", "2026-03-01 07:26:40 UTC", headline])
    #expect(words.lines.first == "proposal  \(headline.visible)")
    #expect(words.lines.contains("why       because"))
    #expect(words.lines.contains("votes     mill for, till against"))
    #expect(words.lines.last == "state     open: 1 of the 3 votes that are needed")
    #expect(words.lines.allSatisfy { !$0.contains("\u{1B}") })
    #expect(words.json["action"]?["kind"] == .text(kind))
    #expect(words.json["effectivePosition"] == .null)
  }

  @Test(arguments: [
    ("", "in force"), ("KEY_REVOKED", "revoked at log position 9"), ("KEY_EXPIRED", "expired"),
    ("KEY_NOT_YET_VALID", "not yet valid"), ("KEY_PAUSED", "paused by vote"),
    ("MEMBER_SUSPENDED", "member suspended"), ("MEMBER_REMOVED", "member removed"), ("NEW_REASON", "NEW_REASON"),
  ])
  func aKeySaysHowItStands(reason: String, words: String) {
    let status = Cairn_V1_KeyStatus.with {
      $0.keyID = Self.id
      $0.key = .with {
        $0.memberID = "acme"
        $0.roles = [.device, .operator]
        $0.notAfterMicroseconds = 1_772_350_000_000_000
      }
      $0.inForce = reason.isEmpty
      $0.effectiveRoles = reason.isEmpty ? [.device] : []
      $0.reason = reason
      $0.revokedPosition = 9
    }
    let lines = KeyWords(status).lines
    #expect(lines.contains("stands    \(words)"))
    #expect(lines.contains("valid     before 2026-03-01 07:26:40 UTC"))
    let lacks = " (of these its member holds device)"
    #expect(lines.contains("roles     device, operator\(reason.isEmpty ? lacks : "")"))
    #expect(KeyWords(status).json["reason"] == (reason.isEmpty ? .null : .text(reason)))
  }

  @Test func aMemberWithoutACountrySaysSo() {
    let words = MemberWords(
      .with {
        $0.member = .with { ($0.id, $0.legalName, $0.country) = ("acme", "Acme", "ZZ") }
        $0.standing = .suspended
      })
    #expect(words.lines.contains("country   not stated"))
    #expect(words.lines.contains("standing  suspended"))
    #expect(words.json["lei"] == .null)
  }
}
