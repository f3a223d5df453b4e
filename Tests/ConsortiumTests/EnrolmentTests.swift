import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// What a member's admin does alone.
@Suite struct EnrolmentTests {
  private var consortium: TestConsortium

  init() throws { consortium = try TestConsortium(members: 2) }

  @Test mutating func anAdminEnrolsAndEndsItsMembersKeys() throws {
    let effect = try register(.named("m1.scanner", [.device, .operator]))
    #expect(effect.keys == [PublicKey.named("m1.scanner").id])
    #expect(effect.members.isEmpty && effect.accepted == nil && effect.redaction == nil)
    #expect(try consortium.roles(of: "m1.scanner") == [.device, .operator])
    #expect(try consortium.apply(.with { $0.revokeKey = .named("m1.scanner") }, by: "m1.admin").keys == effect.keys)
    #expect(try consortium.condition(of: "m1.scanner") == .revoked(position: 2))
    #expect(try consortium.roles(of: "m1.scanner").isEmpty)
    #expect(
      refusal { try consortium.apply(.with { $0.revokeKey = .named("m1.scanner") }, by: "m1.admin") }
        == "KEY_ALREADY_REVOKED")
    #expect(refusal { try register(.named("m1.scanner")) } == "KEY_ALREADY_REGISTERED")
  }

  @Test mutating func onlyKeysOfItsOwnMember() throws {
    try register(.named("m2.scanner"), by: "m2.admin")
    #expect(refusal { try register(.named("m2.other")) } == "FOREIGN_MEMBER")
    #expect(refusal { try register(.named("m3.other")) } == "FOREIGN_MEMBER")
    #expect(
      refusal { try consortium.apply(.with { $0.revokeKey = .named("m2.scanner") }, by: "m1.admin") }
        == "FOREIGN_MEMBER")
    #expect(refusal { try rotate("m2.scanner", to: "m2.next") } == "FOREIGN_MEMBER")
    #expect(refusal { try rotate("m2.nobody", to: "m2.next") } == "UNKNOWN_KEY")
  }

  @Test(arguments: [Role.admin, .node]) mutating func governingKeysNeedVotes(role: Role) throws {
    #expect(refusal { try register(.named("m1.other", [.device, role])) } == "VOTES_NEEDED")
    #expect(
      refusal { try consortium.apply(.with { $0.revokeKey = .named("m1.\(role.rawValue)") }, by: "m1.admin") }
        == "VOTES_NEEDED")
    #expect(refusal { try rotate("m1.\(role.rawValue)", to: "m1.next") } == "VOTES_NEEDED")
  }

  @Test mutating func onlyAdminsWithinTheirMembersRoles() throws {
    try register(.named("m1.operator", [.operator]))
    #expect(refusal { try register(.named("m1.scanner"), by: "m1.operator") } == "ROLE_FORBIDS_RECORD")
    #expect(refusal { try register(.named("m1.scanner"), by: "m1.stranger") } == "UNKNOWN_KEY")
    try consortium.pass {
      $0.changeRoles.memberID = "m1"
      $0.changeRoles.roles = [.admin, .node, .operator]
    }
    #expect(refusal { try register(.named("m1.scanner")) } == "ROLE_NOT_HELD")
    #expect(refusal { try register(.named("m1.scanner", [.operator])) } == nil)
  }

  @Test mutating func aKeyIsValidFromItsBeginningUntilItsEnd() throws {
    var key = Cairn_V1_RegisterKey.named("m1.scanner")
    let start = consortium.now.adding(TestConsortium.hour)
    let end = start.adding(TestConsortium.day)
    key.notBeforeMicroseconds = start.microseconds
    key.notAfterMicroseconds = end.microseconds
    try register(key)
    let expected: [(Instant, KeyCondition)] = [
      (consortium.now, .notYetValid(from: start)), (start, .inForce), (end.adding(-1), .inForce),
      (end, .expired(at: end)),
    ]
    for (time, condition) in expected {
      consortium.now = time
      #expect(try consortium.condition(of: "m1.scanner") == condition)
      #expect(
        refusal { try consortium.directory.requireInForce(PublicKey.named("m1.scanner").id, at: time) }
          == condition.reason)
    }
    #expect(
      refusal {
        try register(
          .with {
            $0 = key; $0.publicKey = Cairn_V1_RegisterKey.named("m1.b").publicKey
          })
      }
        == "KEY_EXPIRED")
  }

  @Test mutating func bothKeysAreValidUntilTheOverlapEnds() throws {
    try register(.named("m1.scanner", [.device, .operator]))
    let start = consortium.now
    let overlap = start.adding(TestConsortium.day)
    let effect = try rotate("m1.scanner", to: "m1.next", overlapUntil: overlap)
    #expect(Set(effect.keys) == [PublicKey.named("m1.scanner").id, PublicKey.named("m1.next").id])
    let next = try consortium.key("m1.next")
    #expect(next.replaces == PublicKey.named("m1.scanner").id)
    #expect(next.label == "m1.scanner")
    #expect(next.roles == [.device, .operator])
    #expect(try consortium.condition(of: "m1.scanner") == .inForce)
    consortium.now = overlap
    #expect(try consortium.condition(of: "m1.scanner") == .expired(at: overlap))
    #expect(try consortium.condition(of: "m1.next") == .inForce)
    #expect(refusal { try rotate("m1.scanner", to: "m1.third") } == "KEY_EXPIRED")
    #expect(try consortium.key("m1.scanner").notAfter.value(at: 2) == nil)
  }

  @Test mutating func aRotationKeepsToItsBounds() throws {
    var key = Cairn_V1_RegisterKey.named("m1.scanner")
    key.notAfterMicroseconds = consortium.now.adding(TestConsortium.hour).microseconds
    try register(key)
    #expect(refusal { try rotate("m1.scanner", to: "m1.scanner") } == "KEY_ALREADY_REGISTERED")
    #expect(refusal { try rotate("m1.scanner", to: "m2.admin") } == "KEY_ALREADY_REGISTERED")
    let late = consortium.now.adding(TestConsortium.hour + 1)
    #expect(refusal { try rotate("m1.scanner", to: "m1.next", overlapUntil: late) } == "OVERLAP_TOO_LATE")
    #expect(refusal { try rotate("m1.scanner", to: "m1.next", notAfter: consortium.now) } == "KEY_EXPIRED")
    try rotate("m1.scanner", to: "m1.next", overlapUntil: late.adding(-1))
  }

  @Test mutating func whatACompromisedKeySignedIsFlaggedFromThenOn() throws {
    try register(.named("m1.scanner"))
    let since = consortium.now.adding(-5)
    try consortium.apply(.with { $0.revokeKey = .named("m1.scanner", compromisedSince: since) }, by: "m1.admin")
    let id = PublicKey.named("m1.scanner").id
    #expect(
      [since.adding(-1), since, consortium.now].map { consortium.directory.isCompromised(id, at: $0) }
        == [false, true, true])
    #expect(!consortium.directory.isCompromised(PublicKey.named("m1.admin").id, at: consortium.now))
  }

  @Test mutating func recordsComeInTheOrderOfTheLog() throws {
    consortium.next = RecordPlace(position: 5, index: 3)
    try register(.named("m1.a"))
    consortium.next = RecordPlace(position: 5, index: 3)
    #expect(refusal { try register(.named("m1.b")) } == "OUT_OF_ORDER")
    consortium.next = RecordPlace(position: 5, index: 4)
    consortium.now = consortium.now.adding(-1)
    #expect(refusal { try register(.named("m1.b")) } == "OUT_OF_ORDER")
    consortium.now = consortium.now.adding(1)
    #expect(refusal { try register(.named("m1.b")) } == nil)
    #expect(
      (0...6).map { consortium.directory.hasGovernance(at: $0) } == [true, false, false, false, false, true, false])
  }

  @Test mutating func aWholeFleetIsEnrolledInOneBatch() throws {
    let before = consortium.directory.constitution
    let admin = PublicKey.named("m1.admin").id
    for index in 0..<10_000 {
      consortium.next = RecordPlace(position: 1, index: UInt32(index))
      let key = Cairn_V1_RegisterKey.named("m1.device-\(index)")
      try consortium.apply(ConsortiumChange(.with { $0.registerKey = key }), by: admin)
    }
    #expect(consortium.directory.keys.count == 10_004)
    #expect(consortium.directory.keyIDs.count == 10_004)
    #expect(
      consortium.directory.keysInForce(of: try consortium.key("m1.admin").memberID, time: consortium.now) == 10_002)
    #expect(consortium.directory.constitution == before)
    let last = PublicKey.named("m1.device-9999").id
    #expect(
      consortium.directory.supportingRecords(of: last, before: 2)
        == [.genesis, RecordPlace(position: 1, index: 9_999)])
  }

  @discardableResult
  private mutating func register(
    _ key: Cairn_V1_RegisterKey, by author: String = "m1.admin"
  ) throws -> ConsortiumEffect {
    try consortium.apply(.with { $0.registerKey = key }, by: author)
  }

  @discardableResult
  private mutating func rotate(
    _ name: String, to successor: String, overlapUntil: Instant? = nil, notAfter: Instant? = nil
  ) throws -> ConsortiumEffect {
    var rotation = Cairn_V1_RotateKey.named(name, to: successor, overlapUntil: overlapUntil ?? consortium.now)
    rotation.notAfterMicroseconds = notAfter?.microseconds ?? 0
    return try consortium.apply(.with { $0.rotateKey = rotation }, by: "m1.admin")
  }
}
