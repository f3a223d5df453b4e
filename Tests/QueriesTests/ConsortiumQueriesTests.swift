import Consortium
import Foundation
import Ledger
import Primitives
import Queries
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct ConsortiumQueriesTests {
  @Test("the consortium at every position is what an entry there found", arguments: 1...3)
  func atEveryPosition(seed: Int) async throws {
    let council = try CouncilHistory(seed: UInt64(seed), steps: 80).council
    let directory = council.consortium
    for position in 0...council.logSize {
      let answer = try await council.queries.getConsortium(.with { $0.position = position })
      #expect(answer.position == position)
      let joined = directory.memberIDs.filter { id in
        directory.members[id].map { $0.joinedAt.position < position } ?? false
      }
      #expect(answer.members.map(\.member.id) == joined.map(\.description), "seed \(seed)")
      for member in answer.members {
        let id = try #require(MemberID(member.member.id))
        #expect(member.standing == directory.members[id]?.standing.value(at: position).wire)
      }
      let counted = answer.members.reduce(0) { $0 + $1.keysInForce }
      #expect(counted <= UInt32(directory.keyIDs.count))
      #expect(position == 0 || answer.votesNeeded >= 1)
    }
    let failure = await #expect(throws: Failure.self) {
      try await council.queries.getConsortium(.with { $0.position = council.logSize + 1 })
    }
    #expect(failure?.reason == "POSITION_OUT_OF_RANGE")
  }

  @Test("keys come in order of registration, page by page, each once, and new ones at the end")
  func keyPages() async throws {
    let council = try Council(members: 2)
    for _ in 0..<3 { try council.enrol(5, member: "m1", by: council.admins[0]) }
    var request = Cairn_V1_ListKeysRequest.with { $0.pageSize = 7 }
    var found: [Data] = []
    repeat {
      let page = try await council.queries.listKeys(request)
      found += page.keys.map(\.keyID)
      request.pageToken = page.nextPageToken
      if found.count == 7 { try council.enrol(1, member: "m1", by: council.admins[0]) }
    } while !request.pageToken.isEmpty
    #expect(found == council.consortium.keyIDs.map { Data($0.digest.bytes) })
    request.memberID = "m2"
    let token = try await council.queries.listKeys(.with { $0.pageSize = 1 }).nextPageToken
    request.pageToken = token
    let failure = await #expect(throws: Failure.self) { try await council.queries.listKeys(request) }
    #expect(failure?.reason == "PAGE_TOKEN")
  }

  @Test("keys are found by member, role and end")
  func keyFilters() async throws {
    let council = try Council(members: 2)
    let soon = try council.makeKey()
    var terms = Cairn_V1_RegisterKey.of(soon, "m2", [.device])
    terms.notAfterMicroseconds = council.now.microseconds + Council.day
    try council.change(.registerKey(terms), by: council.admins[1])
    func found(_ request: Cairn_V1_ListKeysRequest) async throws -> [Data] {
      try await council.queries.listKeys(request).keys.map(\.keyID)
    }
    let id = Data(soon.publicKey.id.digest.bytes)
    #expect(try await found(.with { $0.memberID = "m2" }) == [council.adminID(1), id])
    #expect(try await found(.with { $0.role = .device }) == [id])
    #expect(try await found(.with { $0.role = .admin }) == [council.adminID(0), council.adminID(1)])
    let end = terms.notAfterMicroseconds
    #expect(try await found(.with { $0.expiringBeforeMicroseconds = end }) == [])
    #expect(try await found(.with { $0.expiringBeforeMicroseconds = end + 1 }) == [id])
    try council.change(.revokeKey(.with { $0.keyID = id }), by: council.admins[1])
    #expect(try await found(.with { $0.expiringBeforeMicroseconds = end + 1 }) == [])
    for (request, reason) in [
      (Cairn_V1_ListKeysRequest.with { $0.memberID = "nobody" }, "UNKNOWN_MEMBER"),
      (.with { $0.memberID = "M2" }, "UNKNOWN_MEMBER"), (.with { $0.role = .UNRECOGNIZED(77) }, "UNKNOWN_ROLE"),
      (.with { $0.pageSize = 1_001 }, "PAGE_SIZE"), (.with { $0.pageToken = "x" }, "PAGE_TOKEN"),
    ] {
      let failure = await #expect(throws: Failure.self) { try await council.queries.listKeys(request) }
      #expect(failure?.reason == reason)
    }
  }

  @Test("a key's authority is told as it was at each position")
  func authority() async throws {
    let council = try Council(members: 1)
    let device = try council.makeKey()
    let id = Data(device.publicKey.id.digest.bytes)
    try council.change(.registerKey(.of(device, "m1", [.device])), by: council.admins[0])
    try council.decide(.pauseAuthor(.with { $0.keyID = id }))
    try council.decide(.resumeAuthor(.with { $0.keyID = id }))
    try council.change(.revokeKey(.with { $0.keyID = id }), by: council.admins[0])
    func reason(_ position: UInt64) async throws -> String {
      try await council.queries.getAuthority(
        .with {
          $0.keyID = id
          $0.position = position
          $0.withoutEvidence = true
        }
      ).key.reason
    }
    #expect(try await reason(2) == "")
    #expect(try await reason(3) == "KEY_PAUSED")
    #expect(try await reason(4) == "")
    #expect(try await reason(5) == "KEY_REVOKED")
    let failure = await #expect(throws: Failure.self) { try await reason(1) }
    #expect(failure?.reason == "UNKNOWN_KEY")
  }

  @Test("proposals come newest first, page by page, as they stand")
  func proposals() async throws {
    let council = try Council(members: 3)
    let ids = try (0..<5).map { _ in
      try council.change(
        .propose(council.proposal(.changeThresholds(.with { $0.votes = 2 }))), by: council.admins[0])[0]
    }
    try council.change(.vote(.on(ids[1], .approve)), by: council.admins[1])
    try council.change(.vote(.on(ids[2], .reject)), by: council.admins[1])
    try council.change(.vote(.on(ids[2], .reject)), by: council.admins[2])
    try council.change(.withdraw(.with { $0.proposalID = Data(ids[3].bytes) }), by: council.admins[0])
    var request = Cairn_V1_ListProposalsRequest.with { $0.pageSize = 2 }
    var found: [Cairn_V1_ProposalStatus] = []
    repeat {
      let page = try await council.queries.listProposals(request)
      found += page.proposals
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    #expect(found.map(\.proposalID) == ids.reversed().map { Data($0.bytes) })
    #expect(found.map(\.state) == [.open, .withdrawn, .rejected, .accepted, .open])
    #expect(found[3].effectivePosition == 6)
    #expect(found[3].votes.map(\.memberID) == ["m1", "m2"])
    #expect(found[0].votesNeeded == 2)
    let open = try await council.queries.listProposals(.with { $0.state = .open }).proposals
    #expect(open.map(\.proposalID) == [ids[4], ids[0]].map { Data($0.bytes) })
    let one = try await council.queries.getProposal(.with { $0.proposalID = Data(ids[2].bytes) }).proposal
    #expect(one == found[2])
    let failure = await #expect(throws: Failure.self) {
      try await council.queries.getProposal(.with { $0.proposalID = Data(repeating: 1, count: 32) })
    }
    #expect(failure?.reason == "UNKNOWN_PROPOSAL")
  }

  @Test("the caller is told who the server takes it for")
  func whoAmI() async throws {
    let council = try Council(members: 1)
    let nobody = try await council.queries.whoAmI(.init(), by: .anyone, identifiedBy: .none)
    #expect(!nobody.hasKey && !nobody.hasMember && nobody.method == "none")
    let key = try #require(council.consortium.keys[council.admins[0].publicKey.id])
    let somebody = try await council.queries.whoAmI(.init(), by: .key(key), identifiedBy: .token)
    #expect(somebody.key.keyID == council.adminID(0) && somebody.key.effectiveRoles == [.admin])
    #expect(somebody.member.member.id == "m1" && somebody.method == "token")
  }
}

extension Council {
  fileprivate func enrol(_ count: Int, member: String, by admin: PrivateKey) throws {
    let records = try (0..<count).map { _ in
      try consortiumRecord(.registerKey(.of(try makeKey(), member, [.device])))
    }
    try record(records, by: admin)
  }

  fileprivate func adminID(_ number: Int) -> Data { Data(admins[number].publicKey.id.digest.bytes) }
}
