import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

/// How a ledger may begin.
@Suite struct GenesisTests {
  /// Terms that are refused, why, and at which field.
  struct Refused: CustomTestStringConvertible, Sendable {
    let reason: String
    let field: String
    let spoil: @Sendable (inout Cairn_V1_Genesis) -> Void

    init(_ reason: String, _ field: String, _ spoil: @escaping @Sendable (inout Cairn_V1_Genesis) -> Void) {
      self.reason = reason
      self.field = field
      self.spoil = spoil
    }

    var testDescription: String { "\(reason) \(field)" }
  }

  static let refused = [
    Refused("MALFORMED_NAME", "name") { $0.name = "Harbour" },
    Refused("MEMBER_COUNT", "members") { $0.members = [] },
    Refused("MEMBER_COUNT", "members") { $0.members = (0...1_000).map { .named("m\($0)") } },
    Refused("DUPLICATE_MEMBER", "members[1].id") { $0.members[1].id = "m1" },
    Refused("MALFORMED_NAME", "members[0].id") { $0.members[0].id = "" },
    Refused("MALFORMED_NAME", "members[0].id") { $0.members[0].id = String(repeating: "m", count: 65) },
    Refused("MISSING_FIELD", "members[0].legal_name") { $0.members[0].legalName = "" },
    Refused("TEXT_TOO_LONG", "members[0].legal_name") {
      $0.members[0].legalName = String(repeating: "é", count: 128) + "x"
    },
    Refused("UNKNOWN_COUNTRY", "members[0].country") { $0.members[0].country = "XK" },
    Refused("UNKNOWN_COUNTRY", "members[0].country") { $0.members[0].country = "" },
    Refused("MALFORMED_LEI", "members[0].lei") { $0.members[0].lei = "5299000J2N45DDNE4Y2" },
    Refused("INVALID_CHECK_DIGIT", "members[0].lei") { $0.members[0].lei = "5299000J2N45DDNE4Y29" },
    Refused("TEXT_TOO_LONG", "members[0].contact") { $0.members[0].contact = String(repeating: "x", count: 257) },
    Refused("UNKNOWN_ROLE", "members[0].roles[0]") { $0.members[0].roles[0] = .unspecified },
    Refused("UNKNOWN_ROLE", "members[0].roles[1]") { $0.members[0].roles[1] = .UNRECOGNIZED(10) },
    Refused("DUPLICATE_ROLE", "members[0].roles[9]") { $0.members[0].roles.append(.bank) },
    Refused("UNKNOWN_MEMBER", "keys[0].member_id") { $0.keys[0].memberID = "m9" },
    Refused("MALFORMED_NAME", "keys[0].member_id") { $0.keys[0].memberID = "M" },
    Refused("ROLE_NOT_HELD", "keys[0].roles") { $0.members[0].roles = [.node] },
    Refused("MISSING_FIELD", "keys[0].roles") { $0.keys[0].roles = [] },
    Refused("DUPLICATE_KEY", "keys[4].public_key") { $0.keys.append($0.keys[0]) },
    Refused("MALFORMED_KEY", "keys[0].public_key") { $0.keys[0].publicKey = Data([1, 2, 3]) },
    Refused("MALFORMED_KEY", "keys[0].public_key") { $0.keys[0].publicKey = Data(repeating: 0, count: 257) },
    Refused("TIME_OUT_OF_RANGE", "keys[0].not_before_microseconds") { $0.keys[0].notBeforeMicroseconds = .min },
    Refused("TIME_OUT_OF_RANGE", "keys[0].not_after_microseconds") { $0.keys[0].notAfterMicroseconds = .max },
    Refused("EMPTY_VALIDITY", "keys[0].not_after_microseconds") {
      $0.keys[0].notBeforeMicroseconds = 5
      $0.keys[0].notAfterMicroseconds = 5
    },
    Refused("TEXT_TOO_LONG", "keys[0].label") { $0.keys[0].label = String(repeating: "x", count: 129) },
    Refused("TOO_MANY_VALUES", "keys") { $0.keys = Array(repeating: $0.keys[0], count: 10_001) },
    Refused("NO_ADMIN_KEY", "keys") { $0.keys.removeAll { $0.roles == [.admin] } },
    Refused("NO_NODE_KEY", "keys") { $0.keys.removeAll { $0.roles == [.node] } },
    Refused("TOO_FEW_VOTERS", "thresholds") { $0.thresholds.votes = 3 },
    Refused("TOO_FEW_VOTERS", "thresholds") { $0.thresholds.votes = .max },
    Refused("TOO_FEW_NODES", "thresholds") { $0.thresholds.quorum = 3 },
    Refused("QUORUM_TOO_SMALL", "thresholds") { $0.thresholds.quorum = 1 },
  ]

  @Test(arguments: refused) func refusesTermsThatAreWrong(refused: Refused) throws {
    var genesis = Cairn_V1_Genesis.founding(members: 2)
    refused.spoil(&genesis)
    let failure = #expect(throws: Failure.self) { try ConsortiumChange(.with { $0.genesis = genesis }) }
    #expect(failure?.kind == .malformed)
    #expect(failure?.reason == refused.reason)
    #expect(failure?.violations.map(\.field) == ["genesis.\(refused.field)"])
  }

  @Test func refusesANodeKeyThatIsNotEd25519() throws {
    var genesis = Cairn_V1_Genesis.founding(members: 1)
    genesis.keys[1].publicKey = Data(try PrivateKey.generate(.sm2).publicKey.subjectPublicKeyInfo)
    #expect(refusal { _ = try GenesisTerms(genesis) } == "NODE_KEY_SUITE")
    genesis.keys[1].roles = [.operator]
    genesis.keys.append(.named("m1.node", [.node]))
    #expect(refusal { _ = try GenesisTerms(genesis) } == nil)
  }

  @Test func registersWhatItNames() throws {
    var genesis = Cairn_V1_Genesis.founding(members: 2, votes: 2, quorum: 2)
    genesis.members[0].lei = "5299000J2N45DDNE4Y28"
    genesis.keys.append(.named("m2.scanner"))
    let consortium = try TestConsortium(genesis)
    #expect(consortium.terms.registration(of: PublicKey.named("m2.scanner").id)?.label == "m2.scanner")
    #expect(consortium.terms.registration(of: PublicKey.named("m3.scanner").id) == nil)
    #expect(consortium.directory.memberIDs.map(\.description) == ["m1", "m2"])
    #expect(consortium.directory.keyIDs.count == 5)
    #expect(try consortium.roles(of: "m2.scanner") == [.device])
    #expect(try consortium.key("m2.scanner").registeredBy == .genesis)
    let electorate = consortium.directory.electorate(at: consortium.now)
    #expect([electorate.voters, electorate.votesNeeded, electorate.nodes, electorate.quorum] == [2, 2, 2, 2])
    #expect(consortium.directory.constitution == [.genesis])
  }

  @Test(arguments: [23, 24]) func foundingKeysMustLastADay(hours: Int64) throws {
    var genesis = Cairn_V1_Genesis.founding(members: 1)
    genesis.keys[0].notAfterMicroseconds = TestConsortium.start.adding(hours * TestConsortium.hour).microseconds
    #expect(refusal { _ = try TestConsortium(genesis) } == (hours < 24 ? "LAST_ADMIN" : nil))
  }

  @Test func foundingKeysMustBeValidAtOnce() throws {
    var genesis = Cairn_V1_Genesis.founding(members: 1)
    genesis.keys[1].notBeforeMicroseconds = TestConsortium.start.microseconds + 1
    #expect(refusal { _ = try TestConsortium(genesis) } == "TOO_FEW_NODES")
  }

  @Test func thereIsOneGenesis() throws {
    var consortium = try TestConsortium(members: 1)
    let again = Cairn_V1_ConsortiumRecord.with { $0.genesis = .founding(members: 1) }
    #expect(refusal { try consortium.apply(again, by: "m1.admin") } == "GENESIS_NOT_FIRST")
  }
}
