import Testing

@testable import Queries

@Suite struct PaceTests {
  /// Works whenever it is allowed to, while so many records come each second, in groups; gives the work done.
  private func work(
    seconds: Int, recordsPerSecond: UInt64, groupRecords: UInt64 = 1, piece: Duration
  ) -> Duration {
    var pace = Pace(recordCount: 1_000)
    var (now, done) = (Duration.zero, Duration.zero)
    while now < .seconds(seconds) {
      now += piece
      done += piece
      let records = UInt64(now / .seconds(1) * Double(recordsPerSecond))
      now += pace.rest(after: piece, at: now, recordCount: 1_000 + records / groupRecords * groupRecords)
    }
    return done
  }

  /// The writer's groups may be as large as 4 MiB.
  @Test(arguments: [Duration.microseconds(20), .milliseconds(1), .milliseconds(10)], [1, 1_000, 14_000])
  func aBusyNodeGivesOnePartInTwenty(piece: Duration, groupRecords: UInt64) {
    let done = work(seconds: 100, recordsPerSecond: 150_000, groupRecords: groupRecords, piece: piece)
    #expect(done > .seconds(4))
    #expect(done < .seconds(6))
  }

  @Test func aBurstIsNoticedAtOnce() {
    #expect(
      work(seconds: 1, recordsPerSecond: 150_000, groupRecords: 14_000, piece: .milliseconds(1)) < .milliseconds(200))
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
