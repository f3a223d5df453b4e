import Primitives
import Provenance
import SeededRandom
import Testing

@Suite struct MasterDataClaimsTests {
  private typealias Said = (by: String, validFrom: Int64?, isWithdrawn: Bool)

  /// The numbers of the versions that count at a time.
  private func standing(_ said: [Said], at time: Int64 = 100) throws -> [Int] {
    var claims = MasterDataClaims<Int>(at: Instant(microseconds: time))
    for (number, version) in said.enumerated() {
      claims.add(
        number, by: try #require(MemberID(version.by)), validFrom: version.validFrom.map(Instant.init(microseconds:)),
        isWithdrawn: version.isWithdrawn)
    }
    return claims.standing
  }

  @Test func nobodySpeaksForWhatNobodyDescribes() throws { #expect(try standing([]) == []) }

  @Test func theLastWordOfAMemberCounts() throws {
    #expect(try standing([("mill", nil, false), ("mill", nil, false)]) == [1])
  }

  @Test func aVersionCountsFromWhenItIsValid() throws {
    let said: [Said] = [("mill", nil, false), ("mill", 50, false), ("mill", 20, false)]
    #expect(try standing(said, at: 10) == [0])
    #expect(try standing(said, at: 20) == [2])
    #expect(try standing(said, at: 49) == [2])
    #expect(try standing(said, at: 50) == [1])
  }

  @Test func whoCameFirstSpeaks() throws {
    #expect(try standing([("mill", nil, false), ("zulu", nil, false), ("mill", 30, false)]) == [2, 1])
    #expect(try standing([("mill", 200, false), ("zulu", nil, false)]) == [1])
    #expect(try standing([("mill", 200, false), ("zulu", nil, false)], at: 200) == [0, 1])
  }

  @Test func aWithdrawalGivesTheClaimUp() throws {
    let said: [Said] = [("mill", nil, false), ("zulu", nil, false), ("mill", 30, true), ("mill", 60, false)]
    #expect(try standing(said, at: 29) == [0, 1])
    #expect(try standing(said, at: 30) == [1])
    #expect(try standing(said, at: 60) == [1, 3])
    #expect(try standing([("mill", nil, false), ("mill", nil, true)]) == [])
  }

  /// The rule once more, in other words: each member by itself, then the line.
  @Test(arguments: [UInt64(1), 2, .random(in: .min ... .max)]) func theRuleHoldsForAnyHistory(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<200 {
      let said: [Said] = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        (
          ["mill", "zulu", "kilo"].randomElement(using: &random) ?? "",
          [nil, 20, 40, 60].randomElement(using: &random) ?? nil, Int.random(in: 0..<4, using: &random) == 0
        )
      }
      for time in [Int64(10), 20, 45, 70] {
        #expect(try standing(said, at: time) == Self.expected(said, at: time), "seed \(seed): \(said) at \(time)")
      }
    }
  }

  private static func expected(_ said: [Said], at time: Int64) -> [Int] {
    var line: [(turn: Int, number: Int)] = []
    for member in Set(said.map(\.by)) {
      let own = said.indices.filter { said[$0].by == member }
      var current: Int?
      var turn = own[0]
      for number in own where said[number].validFrom ?? -1 <= time {
        guard let before = current else {
          current = number
          continue
        }
        guard said[before].validFrom ?? -1 <= said[number].validFrom ?? -1 else { continue }
        if said[before].isWithdrawn { turn = number }
        current = number
      }
      if let current, !said[current].isWithdrawn { line.append((turn, current)) }
    }
    return line.sorted { $0.turn < $1.turn }.map(\.number)
  }
}
