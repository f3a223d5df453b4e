import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// What a key could do in the past, and which records show it.
@Suite struct AuthorityTests {
  @Test func everyPositionHasItsOwnAnswer() throws {
    var consortium = try TestConsortium(members: 1)
    let scanner = PublicKey.named("m1.scanner").id
    try consortium.apply(.with { $0.registerKey = .named("m1.scanner") }, by: "m1.admin")
    try consortium.propose { $0.pauseAuthor.keyID = Data(scanner.digest.bytes) }
    try consortium.propose { $0.resumeAuthor.keyID = Data(scanner.digest.bytes) }
    try consortium.propose {
      $0.changeRoles = .with {
        $0.memberID = "m1"; $0.roles = [.admin, .node]
      }
    }
    try consortium.apply(.with { $0.revokeKey = .named("m1.scanner") }, by: "m1.admin")
    func authority(_ position: UInt64) throws -> Authority {
      try consortium.directory.authority(of: scanner, at: position, time: consortium.now)
    }
    #expect(refusal { _ = try authority(1) } == "UNKNOWN_KEY")
    #expect(
      try (2...6).map { try authority($0).condition }
        == [.inForce, .paused, .inForce, .inForce, .revoked(position: 5)])
    #expect(try (2...6).map { try authority($0).effectiveRoles } == [[.device], [], [.device], [], []])
    #expect(try authority(5).revocation == nil)
    #expect(try authority(6).revocation?.place == RecordPlace(position: 5, index: 0))
    #expect(try authority(4).memberRoles.contains(.device))
    #expect(try !authority(5).memberRoles.contains(.device))
  }

  @Test func theConstitutionLeavesOutWhatFailedAndWhatGovernsNothing() throws {
    var consortium = try TestConsortium(members: 3)
    try consortium.apply(.with { $0.registerKey = .named("m1.a") }, by: "m1.admin")  // 1
    let failed = try consortium.propose { $0.suspendMember.memberID = "m3" }  // 2
    try consortium.vote(.reject, on: failed, by: "m2.admin")  // 3
    try consortium.vote(.reject, on: failed, by: "m3.admin")  // 4
    let passed = try consortium.propose { $0.registerKey = .named("m1.b", [.admin]) }  // 5
    try consortium.vote(.reject, on: passed, by: "m2.admin")  // 6
    try consortium.vote(on: passed, by: "m3.admin")  // 7
    let device = try consortium.propose { $0.registerKey = .named("m1.c") }  // 8
    try consortium.vote(on: device, by: "m2.admin")  // 9
    try consortium.propose { $0.registerKey = .named("m1.d", [.admin]) }  // 10
    #expect(consortium.directory.constitution.map(\.position) == [0, 5, 7])
    func supporting(_ name: String, before position: UInt64) -> [UInt64] {
      consortium.directory.supportingRecords(of: PublicKey.named(name).id, before: position).map(\.position)
    }
    #expect(supporting("m1.a", before: 11) == [0, 1, 5, 7])
    #expect(supporting("m1.a", before: 7) == [0, 1])
    #expect(supporting("m1.c", before: 11) == [0, 5, 7, 8, 9])
    #expect(supporting("m1.c", before: 9) == [0, 5, 7])
    #expect(supporting("m1.d", before: 11) == [0, 5, 7])
  }

  @Test func aSuccessorNeedsTheRecordsOfThoseItReplaced() throws {
    var consortium = try TestConsortium(members: 1)
    let overlap = consortium.now.adding(TestConsortium.day)
    try consortium.apply(.with { $0.registerKey = .named("m1.a") }, by: "m1.admin")  // 1
    try consortium.apply(.with { $0.rotateKey = .named("m1.a", to: "m1.b", overlapUntil: overlap) }, by: "m1.admin")
    try consortium.apply(.with { $0.revokeKey = .named("m1.a") }, by: "m1.admin")  // 3
    try consortium.apply(.with { $0.rotateKey = .named("m1.b", to: "m1.c", overlapUntil: overlap) }, by: "m1.admin")
    let places = consortium.directory.supportingRecords(of: PublicKey.named("m1.c").id, before: 5)
    #expect(places.map(\.position) == [0, 1, 2, 4])
    #expect(try consortium.key("m1.b").changedBy.map(\.position) == [4])
  }

  @Test func theVoteThatFellOutOfUseIsNotNeeded() throws {
    var consortium = try TestConsortium(members: 4)
    let id = try consortium.propose { $0.registerKey = .named("m1.second", [.admin]) }  // 1
    try consortium.vote(on: id, by: "m2.admin")  // 2
    try consortium.pass { $0.removeMember.memberID = "m4" }  // 3, 4, 5
    try consortium.vote(.reject, on: id, by: "m3.admin")  // 6
    try consortium.vote(on: id, by: "m2.admin")  // 7
    #expect(consortium.directory.constitution.map(\.position) == [0, 1, 3, 4, 5, 7])
  }
}
