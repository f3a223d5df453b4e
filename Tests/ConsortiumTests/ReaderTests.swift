import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// Who may read what.
@Suite struct ReaderTests {
  @Test(arguments: [nil] + Role.allCases.map { Optional($0) })
  func eachRoleReadsWhatItMay(role: Role?) throws {
    var consortium = try TestConsortium(members: 3)
    var caller = Caller.anyone
    if let role {
      try consortium.pass { $0.registerKey = .named("m1.x", [role]) }
      caller = .key(try consortium.key("m1.x"))
    }
    let reader = Reader(caller, directory: consortium.directory, at: consortium.now)
    let (m1, m2, m3) = try (Self.member("m1"), Self.member("m2"), Self.member("m3"))
    let seesAll = role == .auditor || role == .regulator
    let isMember = role != nil && role != .device
    #expect(reader.readsEverything == seesAll)
    #expect(reader.mayRead(.public, of: m2))
    #expect(reader.mayRead(.members, of: m2) == isMember)
    #expect(reader.mayRead(.members, of: m1) == isMember)
    #expect(reader.mayRead(.parties([m1, m3]), of: m2) == isMember)
    #expect(reader.mayRead(.parties([m3]), of: m1) == isMember)
    #expect(reader.mayRead(.parties([m3]), of: m2) == seesAll)
  }

  @Test func aKeyThatIsNotInForceReadsAsAnyone() throws {
    var consortium = try TestConsortium(members: 3)
    try consortium.apply(.with { $0.registerKey = .named("m1.x", [.auditor]) }, by: "m1.admin")
    let caller = Caller.key(try consortium.key("m1.x"))
    #expect(Reader(caller, directory: consortium.directory, at: consortium.now).readsEverything)
    try consortium.apply(.with { $0.revokeKey = .named("m1.x") }, by: "m1.admin")
    let reader = Reader(caller, directory: consortium.directory, at: consortium.now)
    #expect(!reader.readsEverything)
    let m1 = try Self.member("m1")
    #expect(!reader.mayRead(.members, of: m1))
    #expect(reader.mayRead(.public, of: m1))
    let other = try TestConsortium(members: 2)
    #expect(!Reader(caller, directory: other.directory, at: other.now).readsEverything)
  }

  @Test func aRecordSaysWhoMayReadIt() throws {
    let (m1, m2) = try (Self.member("m1"), Self.member("m2"))
    #expect(try Visibility(nil) == .members)
    #expect(try Visibility(Cairn_V1_Visibility()) == .members)
    #expect(try Visibility(.with { $0.audience = .members }) == .members)
    #expect(try Visibility(.with { $0.audience = .public }) == .public)
    #expect(try Visibility(Self.parties(["m1", "m2"])) == .parties([m1, m2]))
    #expect(try Visibility(Self.parties((100..<200).map { "m\($0)" })) != .members)
  }

  @Test(
    arguments: [
      ("MEMBER_COUNT", "member_ids", parties([])),
      ("MEMBER_COUNT", "member_ids", parties((100...200).map { "m\($0)" })),
      ("NOT_SORTED", "member_ids[1]", parties(["m2", "m1"])),
      ("NOT_SORTED", "member_ids[1]", parties(["m1", "m1"])),
      ("MALFORMED_NAME", "member_ids[0]", parties(["M1"])),
      ("MALFORMED_NAME", "member_ids[0]", parties([""])),
      ("MISPLACED_FIELD", "member_ids", .with { $0.memberIds = ["m1"] }),
      (
        "MISPLACED_FIELD", "member_ids",
        .with {
          $0.memberIds = ["m1"]; $0.audience = .public
        }
      ),
      ("UNKNOWN_AUDIENCE", "audience", .with { $0.audience = .UNRECOGNIZED(4) }),
    ] as [(String, String, Cairn_V1_Visibility)])
  func anUnclearVisibilityIsRefused(reason: String, field: String, wire: Cairn_V1_Visibility) {
    let failure = #expect(throws: Failure.self) { try Visibility(wire) }
    #expect(failure?.reason == reason)
    #expect(failure?.violations.map(\.field) == [field])
  }

  static func member(_ id: String) throws -> MemberID { try #require(MemberID(id)) }

  static func parties(_ ids: [String]) -> Cairn_V1_Visibility {
    .with {
      $0.audience = .parties
      $0.memberIds = ids
    }
  }
}
