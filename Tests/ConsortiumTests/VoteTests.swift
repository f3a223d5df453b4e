import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// How members decide.
@Suite struct VoteTests {
  @Test(arguments: [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
  func moreThanHalfOfTheVotersDecide(members: Int, needed: Int) throws {
    var consortium = try TestConsortium(members: members)
    #expect(consortium.directory.electorate(at: consortium.now).votesNeeded == needed)
    let id = try consortium.propose { $0.registerKey = .named("m1.second", [.admin]) }
    for voter in 2..<(needed + 1) {
      #expect(consortium.state(of: id) == .open)
      try consortium.vote(on: id, by: "m\(voter).admin")
    }
    #expect(consortium.state(of: id) == .accepted)
    #expect(consortium.directory.proposals[id]?.effectivePosition == UInt64(needed))
    #expect(try consortium.roles(of: "m1.second") == [.admin])
    #expect(try consortium.key("m1.second").registeredBy == RecordPlace(position: UInt64(needed), index: 0))
  }

  @Test func theMembersMayAskForMoreOrFewer() throws {
    var consortium = try TestConsortium(members: 3, votes: 3)
    try consortium.pass { $0.changeThresholds.votes = 1 }
    #expect(consortium.directory.thresholds.latest == Thresholds(votes: 1, quorum: 0))
    let id = try consortium.propose { $0.suspendMember.memberID = "m3" }
    #expect(consortium.state(of: id) == .accepted)
    #expect(consortium.directory.proposals[id]?.effectivePosition == 4)
  }

  @Test func aMemberHasOneVoteHoweverManyAdmins() throws {
    var consortium = try TestConsortium(members: 3)
    try consortium.pass { $0.registerKey = .named("m1.second", [.admin]) }
    let id = try consortium.propose { $0.suspendMember.memberID = "m3" }
    try consortium.vote(on: id, by: "m1.second")
    #expect(consortium.state(of: id) == .open)
    #expect(consortium.directory.proposals[id]?.votes.count == 1)
  }

  @Test func theLatestVoteOfAMemberCounts() throws {
    var consortium = try TestConsortium(members: 5)
    let id = try consortium.propose { $0.suspendMember.memberID = "m5" }
    try consortium.vote(on: id, by: "m2.admin")
    try consortium.vote(.reject, on: id, by: "m2.admin")
    try consortium.vote(on: id, by: "m3.admin")
    #expect(consortium.state(of: id) == .open)
    let effect = try consortium.vote(on: id, by: "m2.admin")
    #expect(effect.accepted == id)
    #expect(effect.members.map(\.description) == ["m5"])
    let places = [1, 4, 5].map { RecordPlace(position: $0, index: 0) }
    #expect(consortium.directory.proposals[id]?.outcome == .accepted(places[2], supporters: places))
    #expect(consortium.directory.constitution == [.genesis] + places)
  }

  @Test func aProposalFallsAsSoonAsItCannotPass() throws {
    var consortium = try TestConsortium(members: 4)
    let id = try consortium.propose { $0.suspendMember.memberID = "m4" }
    try consortium.vote(.reject, on: id, by: "m2.admin")
    #expect(consortium.state(of: id) == .open)
    try consortium.vote(.reject, on: id, by: "m3.admin")
    #expect(consortium.state(of: id) == .rejected)
    #expect(refusal { try consortium.vote(on: id, by: "m4.admin") } == "PROPOSAL_CLOSED")
  }

  @Test func whoeverProposesTakesBackInsteadOfVotingAgainst() throws {
    var consortium = try TestConsortium(members: 2)
    let id = try consortium.propose { $0.suspendMember.memberID = "m2" }
    #expect(refusal { try consortium.vote(.reject, on: id, by: "m1.admin") } == "WITHDRAW_INSTEAD")
    let withdrawal = Cairn_V1_ConsortiumRecord.with { $0.withdraw.proposalID = Data(id.bytes) }
    #expect(refusal { try consortium.apply(withdrawal, by: "m2.admin") } == "FOREIGN_PROPOSAL")
    try consortium.apply(withdrawal, by: "m1.admin")
    #expect(consortium.state(of: id) == .withdrawn)
    #expect(refusal { try consortium.apply(withdrawal, by: "m1.admin") } == "PROPOSAL_CLOSED")
    #expect(refusal { try consortium.vote(on: id, by: "m2.admin") } == "PROPOSAL_CLOSED")
  }

  @Test func votesCountBeforeTheEnd() throws {
    var consortium = try TestConsortium(members: 2)
    let early = try consortium.propose(expiresAfter: TestConsortium.day) { $0.pauseAuthor.keyID = Self.id("m2.node") }
    let late = try consortium.propose(expiresAfter: TestConsortium.day + 1) {
      $0.registerKey = .named("m1.second", [.admin])
    }
    consortium.now = consortium.now.adding(TestConsortium.day)
    #expect(consortium.state(of: early) == .expired)
    #expect(refusal { try consortium.vote(on: early, by: "m2.admin") } == "PROPOSAL_CLOSED")
    try consortium.vote(on: late, by: "m2.admin")
    #expect(consortium.state(of: late) == .accepted)
  }

  @Test func aProposalLastsAtMostNinetyDays() throws {
    var consortium = try TestConsortium(members: 2)
    let most = 90 * TestConsortium.day
    let fill = { @Sendable (proposal: inout Cairn_V1_Proposal) in proposal.changeThresholds.votes = 2 }
    #expect(refusal { try consortium.propose(expiresAfter: 0, fill) } == "PROPOSAL_EXPIRED")
    #expect(refusal { try consortium.propose(expiresAfter: most + 1, fill) } == "EXPIRY_TOO_LATE")
    #expect(refusal { try consortium.propose(expiresAfter: most, fill) } == nil)
  }

  @Test func aVoteIsForAProposalThatStands() throws {
    var consortium = try TestConsortium(members: 2)
    let stranger = SHA256.hash([1])
    #expect(refusal { try consortium.vote(on: stranger, by: "m2.admin") } == "UNKNOWN_PROPOSAL")
    let id = try consortium.propose { $0.suspendMember.memberID = "m2" }
    var again = consortium.directory
    let change = try #require(consortium.log.last?.change)
    let failure = #expect(throws: Failure.self) {
      try again.apply(
        change, by: PublicKey.named("m1.admin").id, record: id, at: consortium.next, time: consortium.now
      ) { _ in false }
    }
    #expect(failure?.reason == "PROPOSAL_EXISTS")
  }

  @Test func onlyMembersInGoodStandingCount() throws {
    var consortium = try TestConsortium(members: 4)
    let id = try consortium.propose { $0.registerKey = .named("m1.second", [.admin]) }
    try consortium.vote(on: id, by: "m4.admin")
    try consortium.pass { $0.suspendMember.memberID = "m4" }
    #expect(consortium.state(of: id) == .open)
    #expect(refusal { try consortium.vote(on: id, by: "m4.admin") } == "MEMBER_SUSPENDED")
    try consortium.vote(on: id, by: "m3.admin")
    guard case .accepted(_, let supporters) = consortium.directory.proposals[id]?.outcome else {
      Issue.record("two of three voters are enough")
      return
    }
    #expect(supporters.map(\.position) == [1, 6])
  }

  @Test func onlyAVoteForAProposalCompletesIt() throws {
    var consortium = try TestConsortium(members: 4)
    let id = try consortium.propose { $0.registerKey = .named("m1.second", [.admin]) }
    try consortium.vote(on: id, by: "m2.admin")
    try consortium.pass { $0.removeMember.memberID = "m4" }
    #expect(consortium.directory.electorate(at: consortium.now).votesNeeded == 2)
    try consortium.vote(.reject, on: id, by: "m3.admin")
    #expect(consortium.state(of: id) == .open)
    try consortium.vote(on: id, by: "m2.admin")
    #expect(consortium.state(of: id) == .accepted)
  }

  @Test func membersHaveRoomForAHundredOpenProposals() throws {
    var consortium = try TestConsortium(members: 2)
    var last: Digest?
    let fill = { @Sendable (proposal: inout Cairn_V1_Proposal) in proposal.suspendMember.memberID = "m2" }
    for _ in 0..<100 { last = try consortium.propose(expiresAfter: TestConsortium.day, fill) }
    let failure = #expect(throws: Failure.self) { try consortium.propose(fill) }
    #expect(failure?.kind == .exhausted)
    #expect(failure?.reason == "TOO_MANY_PROPOSALS")
    #expect(failure?.metadata == ["open": "100", "own": "100"])
    try consortium.propose(by: "m2.admin") { $0.suspendMember.memberID = "m1" }
    let id = try #require(last)
    try consortium.apply(.with { $0.withdraw.proposalID = Data(id.bytes) }, by: "m1.admin")
    try consortium.propose(fill)
    #expect(refusal { try consortium.propose(fill) } == "TOO_MANY_PROPOSALS")
    consortium.now = consortium.now.adding(TestConsortium.day)
    #expect(refusal { try consortium.propose(fill) } == nil)
  }

  @Test func allTogetherHaveRoomForAThousand() throws {
    var consortium = try TestConsortium(members: 11)
    for index in 0..<1_000 {
      try consortium.propose(by: "m\(index % 10 + 1).admin") { $0.suspendMember.memberID = "m11" }
    }
    #expect(
      refusal { try consortium.propose(by: "m11.admin") { $0.suspendMember.memberID = "m1" } }
        == "TOO_MANY_PROPOSALS")
  }

  static func id(_ name: String) -> Data { Data(PublicKey.named(name).id.digest.bytes) }
}
