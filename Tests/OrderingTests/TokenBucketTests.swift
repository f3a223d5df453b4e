import SeededRandom
import Testing

@testable import Ordering

@Suite struct TokenBucketTests {
  static let seeds: [UInt64] = [1, 2, 3, 20_261_122]

  @Test(arguments: seeds) func neverMoreThanRateTimesTimeAndBurst(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<50 {
      let rate = Int64.random(in: 1...5_000, using: &random)
      let most = Int64.random(in: 1...20_000, using: &random)
      let start = Int64.random(in: 0...1_000_000_000, using: &random)
      var bucket = TokenBucket(perSecond: rate, at: start)
      var (now, passed) = (start, Int64(0))
      for _ in 0..<200 {
        now += Int64.random(in: 0...3_000_000, using: &random)
        let amount = Int64.random(in: 1...most, using: &random)
        guard bucket.wait(at: now) == 0 else { continue }
        #expect(passed * 1_000_000 < (now - start) * rate + rate * 5_000_000, "seed \(seed)")
        bucket.take(amount, at: now)
        passed += amount
        #expect(bucket.level > -amount * 1_000_000, "seed \(seed)")
      }
      #expect(passed > 0)
    }
  }

  @Test(arguments: seeds) func theWaitIsExact(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let rate = Int64.random(in: 1...3_000_000, using: &random)
      var bucket = TokenBucket(perSecond: rate, at: 7)
      bucket.take(rate * 5 + Int64.random(in: 0...100_000, using: &random), at: 7)
      let wait = bucket.wait(at: 7)
      #expect(wait > 0)
      #expect(bucket.wait(at: 7 + wait) == 0, "seed \(seed)")
      #expect(bucket.wait(at: 7 + wait - 1) == 1, "seed \(seed)")
    }
  }

  /// Amounts that are taken in advance pass in order, each at its own time, and no faster than the rate.
  @Test(arguments: seeds) func whatIsTakenInAdvancePassesAtTheRate(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let rate: Int64 = 100
    var bucket = TokenBucket(perSecond: rate, at: 0)
    var (now, passed, last) = (Int64(0), Int64(0), Int64(0))
    for _ in 0..<300 {
      now += Int64.random(in: 0...1_000_000, using: &random)
      let passes = now + bucket.wait(at: now)
      #expect(passes >= last, "seed \(seed)")
      #expect(passed * 1_000_000 < passes * rate + rate * 5_000_000, "seed \(seed)")
      let amount = Int64.random(in: 1...200, using: &random)
      bucket.take(amount, at: now)
      (passed, last) = (passed + amount, passes)
    }
    #expect(last > now)
  }

  @Test(arguments: [Int64(1), 7, 999, 1_000_000, TokenBucket.maxPerSecond]) func refillsExactly(rate: Int64) {
    var bucket = TokenBucket(perSecond: rate, at: 0)
    #expect(bucket.level == rate * 5_000_000)
    bucket.take(rate * 5, at: 0)
    #expect(bucket.level == 0)
    for now in stride(from: Int64(333_333), through: 4_999_995, by: 333_333) {
      bucket.take(0, at: now)
      #expect(bucket.level == now * rate)
      #expect(!bucket.isFull(at: now))
    }
    #expect(!bucket.isFull(at: 4_999_999))
    #expect(bucket.isFull(at: 5_000_000))
    #expect(bucket.isFull(at: .max))
    bucket.take(0, at: .max)
    #expect(bucket.level == rate * 5_000_000)
  }

  @Test func aClockThatGoesBackGivesNothing() {
    var bucket = TokenBucket(perSecond: 10, at: 1_000_000)
    bucket.take(50, at: 1_000_000)
    bucket.take(0, at: 0)
    bucket.take(0, at: 1_000_000)
    #expect(bucket.level == 0)
  }

  @Test func whatIsGivenBackWasNeverTaken() {
    var bucket = TokenBucket(perSecond: 10, at: 0)
    bucket.take(30, at: 0)
    let before = bucket
    bucket.take(10_000, at: 0)
    bucket.giveBack(10_000, at: 0)
    #expect(bucket == before)
    bucket.giveBack(.max / 2_000_000, at: 0)
    #expect(bucket.isFull(at: 0))
    #expect(bucket.level == 50_000_000)
  }

  @Test func aLargeBatchWaitsNoLongerThanASmallOne() {
    var bucket = TokenBucket(perSecond: 5, at: 0)
    bucket.take(24, at: 0)
    #expect(bucket.wait(at: 0) == 0)
    bucket.take(10_000, at: 0)
    #expect(bucket.wait(at: 0) == (10_000 - 1) * 1_000_000 / 5 + 1)
  }
}
