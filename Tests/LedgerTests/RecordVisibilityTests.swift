import Consortium
import FoundationEssentials
import Ledger
import Primitives
import SeededRandom
import SwiftProtobuf
import Testing
import Wire

/// Who may read a record is found without reading it, and is what reading it would find.
@Suite struct RecordVisibilityTests {
  private static let salt = Data(repeating: 7, count: 16)

  private static func record(_ visibility: Cairn_V1_Visibility?, number: Int = 0) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = 1_780_000_000_000_000
      $0.epcList.items = ["https://id.gs1.org/01/09521321000018/21/B\(number)"]
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt, visibility: visibility))
  }

  private static func visibility(_ audience: Cairn_V1_Audience, _ members: [String] = []) -> Cairn_V1_Visibility {
    .with {
      $0.audience = audience
      $0.memberIds = members
    }
  }

  private static func parties(_ names: String...) -> Visibility { .parties(Set(names.compactMap { MemberID($0) })) }

  @Test func aRecordSaysWhoMayReadIt() throws {
    #expect(Visibility(ofRecord: try Self.record(nil)) == .members)
    #expect(Visibility(ofRecord: try Self.record(Self.visibility(.unspecified))) == .members)
    #expect(Visibility(ofRecord: try Self.record(Self.visibility(.public))) == .public)
    #expect(
      Visibility(ofRecord: try Self.record(Self.visibility(.parties, ["acme", "zulu"]))) == Self.parties("acme", "zulu")
    )
    let change = Cairn_V1_Record(change: .revokeKey(.init()), salt: Self.salt)
    #expect(Visibility(ofRecord: try BatchBuilder.serialize(change)) == .public)
  }

  @Test func whatCannotBeUnderstoodIsForTheAuthorAlone() throws {
    #expect(Visibility(ofRecord: try Self.record(Self.visibility(.parties))) == .authorOnly)
    #expect(Visibility(ofRecord: try Self.record(Self.visibility(.parties, ["zulu", "acme"]))) == .authorOnly)
    #expect(Visibility(ofRecord: try Self.record(Self.visibility(.public, ["acme"]))) == .authorOnly)
    #expect(Visibility(ofRecord: try Self.record(Self.visibility(.UNRECOGNIZED(9)))) == .authorOnly)
    #expect(Visibility(ofRecord: Data([0xFF, 0xFF])) == .authorOnly)
    #expect(Visibility(ofRecord: try Self.record(nil) + [0x3A, 0x7F]) == .authorOnly)
    // A change that names readers is refused, and is still theirs alone.
    var change = Cairn_V1_Record(change: .revokeKey(.init()), salt: Self.salt)
    change.visibility = Self.visibility(.parties, ["acme"])
    #expect(Visibility(ofRecord: try BatchBuilder.serialize(change)) == Self.parties("acme"))
  }

  @Test func partsOfAVisibilityAreOne() throws {
    let first = try BatchBuilder.serialize(
      Cairn_V1_Record.with { $0.visibility = Self.visibility(.public, ["acme"]) })
    let second = try BatchBuilder.serialize(
      Cairn_V1_Record.with { $0.visibility = Self.visibility(.parties, ["zulu"]) })
    let bytes = try first + Self.record(nil) + second
    #expect(try ParsedRecord(bytes).visibility == Self.parties("acme", "zulu"))
    #expect(Visibility(ofRecord: bytes) == Self.parties("acme", "zulu"))
  }

  @Test(arguments: [1, 2, UInt64.random(in: .min ... .max)]) func theTwoAgree(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let visibilities: [Cairn_V1_Visibility?] = [
      nil, Self.visibility(.public), Self.visibility(.members), Self.visibility(.parties, ["acme", "kilo", "zulu"]),
    ]
    var taken = 0
    for number in 0..<20_000 {
      let bytes = Damage.some(to: try Self.record(visibilities[number % 4], number: number), using: &random)
      guard let parsed = try? ParsedRecord(bytes) else { continue }
      taken += 1
      #expect(Visibility(ofRecord: bytes) == parsed.visibility, "seed \(seed): \(Hex.encode(bytes))")
    }
    #expect(taken > 1_000)
  }
}
