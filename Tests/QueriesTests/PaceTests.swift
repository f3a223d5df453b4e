import Testing

@testable import Queries

@Suite struct PaceTests {
  /// Works whenever it is allowed to, for `seconds` in which so many records come each second; gives the work done.
  private func work(seconds: Int, recordsPerSecond: UInt64, piece: Duration) -> Duration {
    var pace = Pace(recordCount: 1_000)
    var (now, done) = (Duration.zero, Duration.zero)
    while now < .seconds(seconds) {
      now += piece
      done += piece
      let count = 1_000 + UInt64(now / .milliseconds(1) * Double(recordsPerSecond) / 1_000)
      now += pace.rest(after: piece, at: now, recordCount: count)
    }
    return done
  }

  @Test(arguments: [Duration.microseconds(20), .milliseconds(1), .milliseconds(10)])
  func aBusyNodeGivesOnePartInTwenty(piece: Duration) {
    let done = work(seconds: 100, recordsPerSecond: 150_000, piece: piece)
    #expect(done > .seconds(4))
    #expect(done < .seconds(6))
  }

  @Test func anIdleNodeGivesAllItsTime() {
    #expect(work(seconds: 10, recordsPerSecond: 0, piece: .milliseconds(1)) >= .seconds(10))
    #expect(work(seconds: 10, recordsPerSecond: 100, piece: .milliseconds(1)) > .seconds(9))
  }

  @Test func whateverComesWorkGoesOn() {
    let done = work(seconds: 60, recordsPerSecond: .max / 1_000_000, piece: .milliseconds(500))
    #expect(done >= .seconds(29))
  }
}
