import Consortium
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Testing
import Wire

/// What a consortium record must look like on its own.
@Suite struct ChangeParsingTests {
  /// A record that is refused, why, and at which field.
  struct Refused: CustomTestStringConvertible, Sendable {
    let reason: String
    let field: String
    let fill: @Sendable (inout Cairn_V1_ConsortiumRecord) -> Void

    init(_ reason: String, _ field: String, _ fill: @escaping @Sendable (inout Cairn_V1_ConsortiumRecord) -> Void) {
      self.reason = reason
      self.field = field
      self.fill = fill
    }

    var testDescription: String { "\(reason) \(field)" }
  }

  static let short = Data(repeating: 1, count: 31)
  static let id = Data(repeating: 1, count: 32)

  static let refused = [
    Refused("MISSING_CHANGE", "change") { _ in },
    Refused("MALFORMED_KEY", "register_key.public_key") { $0.registerKey.memberID = "m1" },
    Refused("MALFORMED_KEY_ID", "revoke_key.key_id") { $0.revokeKey.keyID = short },
    Refused("TEXT_TOO_LONG", "revoke_key.reason") {
      $0.revokeKey.keyID = id
      $0.revokeKey.reason = String(repeating: "x", count: 513)
    },
    Refused("TIME_OUT_OF_RANGE", "revoke_key.compromised_since_microseconds") {
      $0.revokeKey.keyID = id
      $0.revokeKey.compromisedSinceMicroseconds = .max
    },
    Refused("MALFORMED_KEY_ID", "rotate_key.key_id") { $0.rotateKey.keyID = short },
    Refused("MALFORMED_KEY", "rotate_key.public_key") { $0.rotateKey.keyID = id },
    Refused("MISSING_FIELD", "rotate_key.overlap_until_microseconds") {
      $0.rotateKey = .named("m1.a", to: "m1.b", overlapUntil: Instant(microseconds: 0))
    },
    Refused("TIME_OUT_OF_RANGE", "rotate_key.not_after_microseconds") {
      $0.rotateKey = .named("m1.a", to: "m1.b", overlapUntil: TestConsortium.start)
      $0.rotateKey.notAfterMicroseconds = .max
    },
    Refused("MALFORMED_DIGEST", "vote.proposal_id") { $0.vote.proposalID = short },
    Refused("UNKNOWN_CHOICE", "vote.choice") { $0.vote.proposalID = id },
    Refused("UNKNOWN_CHOICE", "vote.choice") {
      $0.vote.proposalID = id
      $0.vote.choice = .UNRECOGNIZED(3)
    },
    Refused("MALFORMED_DIGEST", "withdraw.proposal_id") { $0.withdraw.proposalID = short },
    Refused("MISSING_ACTION", "propose.action") { $0.propose.reason = "because" },
    Refused("MISSING_FIELD", "propose.expires_at_microseconds") { $0.propose.changeThresholds.votes = 1 },
    Refused("TIME_OUT_OF_RANGE", "propose.expires_at_microseconds") {
      $0.propose.changeThresholds.votes = 1
      $0.propose.expiresAtMicroseconds = .max
    },
    Refused("TEXT_TOO_LONG", "propose.reason") {
      $0.propose.changeThresholds.votes = 1
      $0.propose.reason = String(repeating: "x", count: 1_025)
    },
    Refused("MALFORMED_NAME", "propose.suspend_member.member_id") { $0.propose.suspendMember.memberID = "M" },
    Refused("MALFORMED_NAME", "propose.reinstate_member.member_id") { $0.propose.reinstateMember.memberID = "M" },
    Refused("MALFORMED_NAME", "propose.remove_member.member_id") { $0.propose.removeMember.memberID = "M" },
    Refused("MALFORMED_NAME", "propose.change_roles.member_id") { $0.propose.changeRoles.memberID = "M" },
    Refused("DUPLICATE_ROLE", "propose.change_roles.roles[1]") {
      $0.propose.changeRoles.memberID = "m1"
      $0.propose.changeRoles.roles = [.bank, .bank]
    },
    Refused("MALFORMED_KEY_ID", "propose.pause_author.key_id") { $0.propose.pauseAuthor.keyID = short },
    Refused("MALFORMED_KEY_ID", "propose.resume_author.key_id") { $0.propose.resumeAuthor.keyID = short },
    Refused("MALFORMED_KEY_ID", "propose.revoke_key.key_id") { $0.propose.revokeKey.keyID = short },
    Refused("MALFORMED_KEY_ID", "propose.rotate_key.key_id") { $0.propose.rotateKey.keyID = short },
    Refused("MISSING_FIELD", "propose.register_key.roles") { $0.propose.registerKey = .named("m1.a", []) },
    Refused("MALFORMED_DIGEST", "propose.redact.record_id") { $0.propose.redact.recordID = short },
    Refused("OUT_OF_RANGE", "propose.redact.position") { $0.propose.redact.position = .max },
    Refused("MALFORMED_NAME", "propose.add_member.member.id") { $0.propose.addMember.member = .named("M") },
    Refused("FOREIGN_MEMBER", "propose.add_member.keys[0].member_id") {
      $0.propose.addMember.member = .named("m5")
      $0.propose.addMember.keys = [.named("m1.x")]
    },
    Refused("ROLE_NOT_HELD", "propose.add_member.keys[0].roles") {
      $0.propose.addMember.member = .named("m5", [.operator])
      $0.propose.addMember.keys = [.named("m5.x", [.operator, .bank])]
    },
    Refused("DUPLICATE_KEY", "propose.add_member.keys[1].public_key") {
      $0.propose.addMember.member = .named("m5")
      $0.propose.addMember.keys = [.named("m5.x"), .named("m5.x")]
    },
    Refused("TOO_MANY_VALUES", "propose.add_member.keys") {
      $0.propose.addMember.member = .named("m5")
      $0.propose.addMember.keys = Array(repeating: .named("m5.x"), count: 101)
    },
  ]

  @Test(arguments: refused) func refusesWhatIsWrong(refused: Refused) throws {
    var record = Cairn_V1_ConsortiumRecord()
    refused.fill(&record)
    let failure = #expect(throws: Failure.self) { try ConsortiumChange(record) }
    #expect(failure?.kind == .malformed)
    #expect(failure?.reason == refused.reason)
    #expect(failure?.violations.map(\.field) == [refused.field])
  }

  @Test func aProposalKeepsItsMessage() throws {
    var wire = Cairn_V1_Proposal()
    wire.removeMember.memberID = "m1"
    wire.reason = String(repeating: "x", count: 1_024)
    wire.expiresAtMicroseconds = 1
    #expect(try Proposal(wire).wire == wire)
    #expect(try Proposal(wire).expiresAt == Instant(microseconds: 1))
  }

  @Test(arguments: Role.allCases) func everyRoleHasANameOnTheWire(role: Role) {
    #expect(Role(role.wire) == role)
    #expect(role.mayAuthor(.provenance) == [.device, .operator].contains(role))
    #expect(role.mayAuthor(.consortium) == (role == .admin))
  }

  @Test func aSetOfRolesIsASet() {
    let some: Roles = [.node, .device]
    #expect(Array(some) == [.device, .node])
    #expect(some.union([.bank]).subtracting([.node]) == [.device, .bank])
    #expect(some.description == "device, node")
    #expect(Roles().description == "none")
    #expect(Roles(Role.allCases).wire.map(\.rawValue) == Array(1...9))
    var roles = some
    #expect(roles.remove(.node) == .node)
    #expect(roles.remove(.node) == nil)
    #expect(!roles.insert(.device).inserted)
    #expect(roles == [.device])
    #expect(roles.symmetricDifference([.device, .bank]) == [.bank])
  }
}
