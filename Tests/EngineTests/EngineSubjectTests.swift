import Foundation
import Primitives
import Testing

@testable import Engine

@Suite struct EngineSubjectTests {
  @Test func aMembersNameIsOneToken() throws {
    let member = try #require(MemberID("a.b-c.d"))
    #expect(EngineSubject.token(member) == "a_b-c_d")
  }

  @Test(arguments: [
    ("cairn.x.1.batch.a", true, true), ("cairn.*.cosign.>", false, true), ("", false, false), ("a..b", false, false),
    ("a b", false, false), ("a\r\nPUB b", false, false), ("é", false, false), (".a", false, false),
    ("a.", false, false),
    (String(repeating: "a", count: 256), false, false),
  ]) func subjectsAreChecked(subject: String, isPlain: Bool, isWellFormed: Bool) {
    #expect(EngineSubject.isPlain(subject) == isPlain)
    #expect(EngineSubject.isWellFormed(subject) == isWellFormed)
  }

  @Test(
    arguments: [
      ("2026-11-23T03:21:53.697477445Z", 1_795_404_113_697_477_445),
      ("2026-11-23T03:21:53.6974Z", 1_795_404_113_697_400_000),
      ("1970-01-01T00:00:00Z", 0), ("2026-11-23T03:21:53.6974774451Z", nil), ("2026-11-23T03:21:53.+1Z", nil),
      ("2026-11-23T03:21:53+01:00", nil), ("yesterdayZ", nil), ("", nil),
    ] as [(String, Int64?)]) func timesAreReadToTheNanosecond(text: String, expected: Int64?)
  {
    #expect(EngineAPI.nanoseconds(text) == expected)
  }

  @Test(
    arguments: [
      ("$JS.ACK.S.c.1.7.3.99.0", 7, 99), ("$JS.ACK.domain.hash.S.c.1.7.3.99.0", 7, 99),
      ("$JS.ACK.domain.hash.S.c.1.7.3.99.0.random", 7, 99), ("$JS.ACK.S.c.1.x.3.99.0", nil, nil), ("", nil, nil),
      ("$JS.ACK.S.c.1.7.3.99", nil, nil), ("_INBOX.S.c.1.7.3.99.0.1.1", nil, nil),
      ("$JS.ACK.S.c.1.7.3.99.0.0", nil, nil),
    ] as [(String, UInt64?, Int64?)]) func deliveredMessagesTellTheirPlace(
      reply: String, sequence: UInt64?, stored: Int64?
    )
  {
    let place = DeliveredPlace(reply)
    #expect(place?.sequence == sequence)
    #expect(place?.stored == stored)
  }

  @Test func termsThatDifferAreNamed() throws {
    let terms = StreamTerms.test("x", replicas: 3)
    let wanted = StreamConfiguration(terms)
    #expect(wanted.differences(from: wanted) == [])
    var other = wanted
    other.deny_purge = nil
    other.subjects?.append("more")
    other.republish = StreamConfiguration.Other()
    let words = wanted.differences(from: other)
    #expect(words.count == 3)
    #expect(words.contains("deny_purge is false, true was agreed"))
  }

  @Test func optionsThatCannotBeUsedAreRefusedAtOnce() {
    let options = EngineOptions(
      servers: ["tls://127.0.0.1:1"], authorities: "/nowhere", certificate: "/nowhere", key: "/nowhere", name: "x")
    let failure = #expect(throws: Failure.self) { try EngineConnection(options) { _ in } }
    #expect(failure?.reason == "ENGINE_OPTIONS")
    #expect(failure?.violations.first?.field == "engine.authorities")
  }
}
