import Primitives
import Testing

@testable import Ordering

@Suite struct RateLimitTests {
  private func refusal(_ body: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) { try body() } catch { return error }
    return nil
  }

  @Test func aRefusalSaysWhoIsOverWhatAndUntilWhen() throws {
    var meters = Meters(try RateLimits(member: .init(bytes: 1_000), key: .init(records: 10)))
    let payers: [Payer] = [.key(try .numbered(1)), .member(try .numbered(1))]
    try meters.charge(payers, Cost(records: 60, bytes: 10), at: 0)
    let key = try #require(
      refusal { () throws(Failure) in try meters.charge(payers, Cost(records: 1, bytes: 1), at: 0) })
    #expect(key.kind == .exhausted)
    #expect(key.reason == "RATE_LIMITED")
    #expect(
      key.metadata == [
        "limit": "key_records_per_second", "per_second": "10", "key_id": try KeyID.numbered(1).description,
      ])
    #expect(key.retryAfterMilliseconds == 1_001)
    #expect(key.message.hasSuffix("has used up its 10 records a second; send this batch again in 1001 ms"))

    let other: [Payer] = [.key(try .numbered(2)), .member(try .numbered(1))]
    try meters.charge(other, Cost(records: 1, bytes: 4_990 + 2_500), at: 0)
    let member = try #require(
      refusal { () throws(Failure) in try meters.charge(other, Cost(records: 1, bytes: 1), at: 0) })
    #expect(member.metadata == ["limit": "member_bytes_per_second", "per_second": "1000", "member_id": "member-1"])
    #expect(member.retryAfterMilliseconds == 2_501)

    let both = try #require(
      refusal { () throws(Failure) in try meters.charge(payers, Cost(records: 1, bytes: 1), at: 0) })
    #expect(both.retryAfterMilliseconds == 2_501, "the longer wait, or trying again is refused again")
    try meters.charge(payers, Cost(records: 1, bytes: 1), at: 2_501_000)
  }

  @Test func whoeverIsRefusedChargesNobody() throws {
    var meters = Meters(try RateLimits(member: .init(records: 10), key: .init(records: 10)))
    let (greedy, modest) = (Payer.key(try .numbered(1)), Payer.key(try .numbered(2)))
    let member = Payer.member(try .numbered(1))
    try meters.charge([greedy], Cost(records: 51, bytes: 0), at: 0)
    for _ in 0..<100 {
      #expect(
        refusal { () throws(Failure) in try meters.charge([greedy, member], Cost(records: 10, bytes: 0), at: 0) } != nil
      )
    }
    try meters.charge([modest, member], Cost(records: 49, bytes: 0), at: 0)
    try meters.charge([modest, member], Cost(records: 1, bytes: 0), at: 0)
  }

  private func expectWait(_ microseconds: Int64, _ meters: inout Meters, _ payer: Payer, _ cost: Cost) throws {
    let wait = try meters.reserve(payer, cost, at: 0)
    #expect(wait == microseconds)
  }

  @Test func aStreamWaitsItsTurnButNoLongerThanAMinute() throws {
    var meters = Meters(try RateLimits(key: .init(records: 100)))
    let key = Payer.key(try .numbered(1))
    try expectWait(0, &meters, key, Cost(records: 500, bytes: 0))
    try expectWait(1, &meters, key, Cost(records: 3_000, bytes: 0))
    #expect(try meters.reserve(key, Cost(records: 2_999, bytes: 0), at: 0) == 30_000_001)
    #expect(try meters.reserve(key, Cost(records: 500, bytes: 0), at: 0) == 59_990_001)
    let far = try #require(
      refusal { () throws(Failure) in _ = try meters.reserve(key, Cost(records: 1, bytes: 0), at: 0) })
    #expect(far.reason == "RATE_LIMITED")
    #expect(far.retryAfterMilliseconds == 64_991)
    meters.giveBack([key], Cost(records: 500, bytes: 0), at: 0)
    #expect(try meters.reserve(key, Cost(records: 1, bytes: 0), at: 0) == 59_990_001)
  }

  @Test func whoeverIsIdleIsForgotten() throws {
    var meters = Meters(try RateLimits(member: .init(records: 1)))
    for number in 0..<10_000 {
      try meters.charge([.member(try .numbered(number))], Cost(records: 1, bytes: 0), at: Int64(number) * 10_000)
    }
    #expect(meters.count <= 2_048)
    let busy = Payer.member(try .numbered(10_000))
    try meters.charge([busy], Cost(records: 100, bytes: 0), at: 100_000_000)
    for number in 0..<5_000 {
      try meters.charge([.member(try .numbered(number))], Cost(records: 1, bytes: 0), at: 100_000_000)
    }
    #expect(
      refusal { () throws(Failure) in try meters.charge([busy], Cost(records: 1, bytes: 0), at: 100_000_000) } != nil)
  }

  @Test func onlyWhatIsLimitedIsCharged() throws {
    let (key, member) = (try KeyID.numbered(1), try MemberID.numbered(1))
    let lane = Lane(member: member, isAdministrative: false)
    let admin = Lane(member: member, isAdministrative: true)
    let cost = Cost(records: 1, bytes: 1)
    #expect(RateLimiter(.none).charge(key, lane: lane, cost: cost).payers == [])
    let both = RateLimiter(try RateLimits(member: .init(bytes: 1), key: .init(records: 1)))
    #expect(both.charge(key, lane: lane, cost: cost).payers == [.key(key), .member(member)])
    #expect(both.charge(key, lane: admin, cost: cost).payers == [.key(key)])
    let byMember = RateLimiter(try RateLimits(member: .init(records: 1)))
    #expect(byMember.charge(key, lane: lane, cost: cost).payers == [.member(member)])
  }

  @Test func aStreamThatEndsWhileItWaitsIsNotCharged() async throws {
    // Time stands still, so that the wait does not end by itself.
    let limiter = RateLimiter(try RateLimits(member: .init(records: 1_000), key: .init(records: 1_000))) { 0 }
    let payers: [Payer] = [.key(try .numbered(1)), .member(try .numbered(1))]
    try limiter.pay(.init(payers: payers, cost: Cost(records: 4_000, bytes: 0)))
    try await limiter.payInTime(.init(payers: [payers[1]], cost: Cost(records: 50_000, bytes: 0)))
    let waiting = Task { () -> Failure? in
      do throws(Failure) {
        try await limiter.payInTime(.init(payers: payers, cost: Cost(records: 9_000_000, bytes: 0)))
      } catch { return error }
      return nil
    }
    waiting.cancel()
    #expect(await waiting.value?.reason == "CALL_ENDED")
    try await limiter.payInTime(.init(payers: [payers[0]], cost: Cost(records: 1, bytes: 0)))
  }

  @Test(arguments: [0, -1, Int.min, 10_000_000_001, Int.max]) func aRateOutOfRangeIsRefusedByItsOption(rate: Int) throws
  {
    for (limits, option) in [
      ((.init(records: rate), .init()), "--member-records-per-second"),
      ((.init(bytes: rate), .init()), "--member-bytes-per-second"),
      ((.init(), .init(records: rate)), "--key-records-per-second"),
      ((.init(), .init(bytes: rate)), "--key-bytes-per-second"),
    ] as [((RateLimits.Rate, RateLimits.Rate), String)] {
      let failure = refusal { () throws(Failure) in _ = try RateLimits(member: limits.0, key: limits.1) }
      #expect(failure?.violations.map(\.field) == [option])
    }
  }
}
