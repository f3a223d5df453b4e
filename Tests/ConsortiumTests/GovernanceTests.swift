import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// What the members decide, and what they cannot.
@Suite struct GovernanceTests {
  @Test func aMemberJoinsWithItsKeys() throws {
    var consortium = try TestConsortium(members: 2)
    let id = try consortium.pass {
      $0.addMember.member = .named("m3", [.admin, .node, .device])
      $0.addMember.keys = [.named("m3.admin", [.admin]), .named("m3.node", [.node]), .named("m3.scanner")]
    }
    #expect(consortium.directory.memberIDs.map(\.description) == ["m1", "m2", "m3"])
    #expect(try consortium.roles(of: "m3.scanner") == [.device])
    #expect(consortium.directory.electorate(at: consortium.now).voters == 3)
    #expect(consortium.directory.electorate(at: consortium.now).quorum == 3)
    #expect(consortium.directory.nodeKeys(at: consortium.now).map(\.label) == ["m1.node", "m2.node", "m3.node"])
    #expect(consortium.directory.proposals[id]?.effectivePosition == 2)
    #expect(refusal { try consortium.propose { $0.addMember.member = .named("m3") } } == "MEMBER_ID_TAKEN")
    #expect(
      refusal {
        try consortium.propose {
          $0.addMember.member = .named("m4")
          $0.addMember.keys = [.named("m3.scanner")].map { (key: Cairn_V1_RegisterKey) in
            var key = key
            key.memberID = "m4"
            return key
          }
        }
      } == "KEY_ALREADY_REGISTERED")
  }

  @Test func aSuspendedMemberIsStillUntilItIsReinstated() throws {
    var consortium = try TestConsortium(members: 3)
    try consortium.apply(.with { $0.registerKey = .named("m3.scanner") }, by: "m3.admin")
    let name = try consortium.key("m3.scanner").memberID
    try consortium.pass { $0.suspendMember.memberID = "m3" }
    #expect(try consortium.condition(of: "m3.scanner") == .memberSuspended(name))
    #expect(try consortium.condition(of: "m3.admin").reason == "MEMBER_SUSPENDED")
    #expect(consortium.directory.electorate(at: consortium.now).voters == 2)
    #expect(consortium.directory.electorate(at: consortium.now).nodes == 2)
    #expect(refusal { try consortium.propose { $0.suspendMember.memberID = "m3" } } == "MEMBER_ALREADY_SUSPENDED")
    try consortium.pass { $0.reinstateMember.memberID = "m3" }
    #expect(try consortium.roles(of: "m3.scanner") == [.device])
    #expect(refusal { try consortium.propose { $0.reinstateMember.memberID = "m3" } } == "MEMBER_NOT_SUSPENDED")
  }

  @Test func aRemovedMemberIsGoneForGood() throws {
    var consortium = try TestConsortium(members: 3)
    try consortium.pass { $0.removeMember.memberID = "m3" }
    #expect(try consortium.condition(of: "m3.admin").reason == "MEMBER_REMOVED")
    #expect(refusal { try consortium.propose { $0.reinstateMember.memberID = "m3" } } == "MEMBER_REMOVED")
    #expect(refusal { try consortium.propose { $0.removeMember.memberID = "m3" } } == "MEMBER_REMOVED")
    #expect(refusal { try consortium.propose { $0.registerKey = .named("m3.x") } } == "MEMBER_REMOVED")
    #expect(refusal { try consortium.propose { $0.addMember.member = .named("m3") } } == "MEMBER_ID_TAKEN")
    #expect(refusal { try consortium.propose { $0.removeMember.memberID = "m9" } } == "UNKNOWN_MEMBER")
  }

  @Test func keysKeepTheRolesThatTheirMemberKeeps() throws {
    var consortium = try TestConsortium(members: 2)
    try consortium.apply(.with { $0.registerKey = .named("m2.x", [.device, .auditor]) }, by: "m2.admin")
    try consortium.pass {
      $0.changeRoles.memberID = "m2"
      $0.changeRoles.roles = [.admin, .node, .device]
    }
    #expect(try consortium.roles(of: "m2.x") == [.device])
    #expect(try consortium.condition(of: "m2.x") == .inForce)
    try consortium.pass {
      $0.changeRoles.memberID = "m2"
      $0.changeRoles.roles = Role.allCases.map(\.wire)
    }
    #expect(try consortium.roles(of: "m2.x") == [.device, .auditor])
  }

  @Test func aPausedKeyIsStillUntilItIsResumed() throws {
    var consortium = try TestConsortium(members: 2)
    try consortium.apply(.with { $0.registerKey = .named("m2.x") }, by: "m2.admin")
    let id = Data(PublicKey.named("m2.x").id.digest.bytes)
    #expect(refusal { try consortium.propose { $0.resumeAuthor.keyID = id } } == "KEY_NOT_PAUSED")
    try consortium.pass { $0.pauseAuthor.keyID = id }
    #expect(try consortium.condition(of: "m2.x") == .paused)
    #expect(refusal { try consortium.propose { $0.pauseAuthor.keyID = id } } == "KEY_ALREADY_PAUSED")
    #expect(
      refusal {
        try consortium.propose { $0.rotateKey = .named("m2.x", to: "m2.y", overlapUntil: TestConsortium.start) }
      } == "KEY_PAUSED")
    try consortium.pass { $0.resumeAuthor.keyID = id }
    #expect(try consortium.condition(of: "m2.x") == .inForce)
    try consortium.pass { $0.revokeKey = .named("m2.x") }
    #expect(refusal { try consortium.propose { $0.pauseAuthor.keyID = id } } == "KEY_ALREADY_REVOKED")
  }

  @Test func theLastAdminStays() throws {
    var consortium = try TestConsortium(members: 1)
    let admin = Data(PublicKey.named("m1.admin").id.digest.bytes)
    let fills: [(inout Cairn_V1_Proposal) -> Void] = [
      { $0.suspendMember.memberID = "m1" }, { $0.removeMember.memberID = "m1" },
      {
        $0.changeRoles = .with {
          $0.memberID = "m1"; $0.roles = [.node]
        }
      },
      { $0.revokeKey = .named("m1.admin") }, { $0.pauseAuthor.keyID = admin },
      {
        $0.rotateKey = .named("m1.admin", to: "m1.next", overlapUntil: TestConsortium.start)
        $0.rotateKey.notAfterMicroseconds = TestConsortium.start.adding(24 * TestConsortium.hour - 1).microseconds
      },
    ]
    for fill in fills {
      let failure = #expect(throws: Failure.self) { try consortium.propose(fill) }
      #expect(failure?.kind == .preconditionFailed)
      #expect(failure?.reason == "LAST_ADMIN")
      #expect(failure?.metadata == ["voters": "0", "votes_needed": "1"])
    }
    try consortium.propose {
      $0.rotateKey = .named("m1.admin", to: "m1.next", overlapUntil: TestConsortium.start)
      $0.rotateKey.notAfterMicroseconds = TestConsortium.start.adding(24 * TestConsortium.hour).microseconds
    }
    #expect(try consortium.roles(of: "m1.next") == [.admin])
  }

  @Test func enoughVotersStay() throws {
    var consortium = try TestConsortium(members: 3, votes: 3)
    let failure = #expect(throws: Failure.self) { try consortium.propose { $0.suspendMember.memberID = "m3" } }
    #expect(failure?.reason == "TOO_FEW_VOTERS")
    #expect(failure?.metadata == ["voters": "2", "votes_needed": "3"])
    #expect(refusal { try consortium.propose { $0.changeThresholds.votes = 4 } } == "TOO_FEW_VOTERS")
    try consortium.pass { $0.changeThresholds.votes = 2 }
    try consortium.pass { $0.suspendMember.memberID = "m3" }
    #expect(refusal { try consortium.propose { $0.revokeKey = .named("m2.admin") } } == "TOO_FEW_VOTERS")
  }

  @Test func enoughNodesStayAndTheQuorumIsSafe() throws {
    var consortium = try TestConsortium(members: 4, quorum: 4)
    let failure = #expect(throws: Failure.self) { try consortium.propose { $0.revokeKey = .named("m4.node") } }
    #expect(failure?.reason == "TOO_FEW_NODES")
    #expect(failure?.metadata == ["nodes": "3", "quorum": "4"])
    let small = #expect(throws: Failure.self) { try consortium.propose { $0.changeThresholds.quorum = 2 } }
    #expect(small?.reason == "QUORUM_TOO_SMALL")
    #expect(small?.metadata == ["quorum": "2", "quorum_needed": "3", "nodes": "4"])
    try consortium.pass { $0.changeThresholds.quorum = 3 }
    try consortium.pass { $0.revokeKey = .named("m4.node") }
    #expect(consortium.directory.electorate(at: consortium.now).nodes == 3)
    try consortium.pass { $0.registerKey = .named("m4.node2", [.node]) }
    let fifth = { @Sendable (proposal: inout Cairn_V1_Proposal) in
      proposal.addMember.member = .named("m5")
      proposal.addMember.keys = [.named("m5.node", [.node])]
      proposal.addMember.keys[0].notBeforeMicroseconds = TestConsortium.start.adding(TestConsortium.day).microseconds
    }
    #expect(refusal { try consortium.propose(fifth) } == "QUORUM_TOO_SMALL", "even before the fifth key is valid")
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (10, 7)])
  func theAutomaticQuorumIsMoreThanTwoThirds(nodes: Int, quorum: Int) throws {
    let consortium = try TestConsortium(members: nodes)
    #expect(consortium.directory.electorate(at: consortium.now).quorum == quorum)
  }

  @Test func whatIsNoLongerAllowedIsRefusedAtTheVoteThatWouldCompleteIt() throws {
    var consortium = try TestConsortium(members: 3, votes: 2)
    let third = try consortium.propose { $0.suspendMember.memberID = "m3" }
    let second = try consortium.propose { $0.suspendMember.memberID = "m2" }
    try consortium.vote(on: second, by: "m3.admin")
    let before = consortium.directory
    #expect(refusal { try consortium.vote(on: third, by: "m3.admin") } == "TOO_FEW_VOTERS")
    #expect(consortium.directory == before)
    #expect(consortium.state(of: third) == .open)
    let reinstated = try consortium.propose { $0.reinstateMember.memberID = "m2" }
    try consortium.vote(on: reinstated, by: "m3.admin")
    #expect(try consortium.vote(on: third, by: "m2.admin").accepted == third)
  }

  @Test func expiredKeysMayBeMended() throws {
    var genesis = Cairn_V1_Genesis.founding(members: 3, votes: 2)
    let end = TestConsortium.start.adding(10 * TestConsortium.day)
    for index in [0, 2, 4] { genesis.keys[index].notAfterMicroseconds = end.microseconds }
    var consortium = try TestConsortium(genesis)
    consortium.now = end.adding(-TestConsortium.hour)
    #expect(refusal { try consortium.propose { $0.suspendMember.memberID = "m2" } } == nil, "two voters still vote")
    #expect(refusal { try consortium.propose { $0.changeThresholds.votes = 4 } } == "TOO_FEW_VOTERS")
    try consortium.pass { $0.rotateKey = .named("m1.admin", to: "m1.next", overlapUntil: end) }
    try consortium.pass { $0.rotateKey = .named("m2.admin", to: "m2.next", overlapUntil: end) }
    consortium.now = end
    let id = try consortium.propose(by: "m1.next") { $0.registerKey = .named("m3.next", [.admin]) }
    try consortium.vote(on: id, by: "m2.next")
    #expect(try consortium.roles(of: "m3.next") == [.admin])
  }

  @Test func aRedactionNamesTheVeryRecord() throws {
    var consortium = try TestConsortium(members: 2)
    let place = RecordPlace(position: 1, index: 7)
    let record = SHA256.hash([7])
    consortium.otherRecords[place] = record
    consortium.next = RecordPlace(position: 2, index: 0)
    func redact(_ position: UInt64, _ index: UInt32, _ id: Digest) -> (inout Cairn_V1_Proposal) -> Void {
      {
        $0.redact.position = position
        $0.redact.recordIndex = index
        $0.redact.recordID = Data(id.bytes)
      }
    }
    #expect(refusal { try consortium.propose(redact(1, 7, SHA256.hash([8]))) } == "UNKNOWN_RECORD")
    #expect(refusal { try consortium.propose(redact(1, 8, record)) } == "UNKNOWN_RECORD")
    #expect(refusal { try consortium.propose(redact(0, 0, record)) } == "REDACTION_OF_GOVERNANCE")
    let first = try consortium.propose(redact(1, 7, record))
    let second = try consortium.propose(redact(1, 7, record))
    #expect(refusal { try consortium.propose(redact(2, 0, first)) } == "REDACTION_OF_GOVERNANCE")
    let effect = try consortium.vote(on: first, by: "m2.admin")
    #expect(effect.redaction?.place == place)
    #expect(effect.redaction?.recordID == record)
    #expect(consortium.directory.redactions == [place])
    #expect(refusal { try consortium.vote(on: second, by: "m2.admin") } == "ALREADY_REDACTED")
    #expect(consortium.state(of: second) == .open)
    #expect(consortium.directory.constitution == [.genesis])
  }
}
