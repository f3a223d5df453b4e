/// How long subscriptions rest after they have worked, so that recording has the machine: the more is being recorded, the
/// longer, and not at all where nothing is. Work is never put off for good.
struct Pace {
  /// With so many records a second, or more, nineteen parts of twenty are rest.
  static let busyRecordsPerSecond = 95_000.0
  /// What is rested for each part of work then.
  static let busyRest = 19.0
  /// Over how long the rate is taken.
  static let window = Duration.milliseconds(50)
  /// Shorter rests are added up.
  static let shortestRest = Duration.milliseconds(1)
  /// However long something took, the next is done after this.
  static let longestRest = Duration.milliseconds(500)

  private var since = Duration.zero
  private var countThen: UInt64
  private var recordsPerSecond = 0.0
  private var owed = Duration.zero

  /// Begins at the time zero, with so many records in the log.
  init(recordCount: UInt64) { countThen = recordCount }

  /// How long to rest after `work` that ended at the time `now`, when the log had so many records.
  mutating func rest(after work: Duration, at now: Duration, recordCount: UInt64) -> Duration {
    if now - since >= Self.window {
      recordsPerSecond = Double(recordCount &- countThen) / ((now - since) / .seconds(1))
      (since, countThen) = (now, recordCount)
    }
    owed += work * (Self.busyRest * min(1, recordsPerSecond / Self.busyRecordsPerSecond))
    guard owed >= Self.shortestRest else { return .zero }
    defer { owed = .zero }
    return min(owed, Self.longestRest)
  }
}
