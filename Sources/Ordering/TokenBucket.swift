/// Lets amounts through at a steady rate with a burst. A pure value: whoever asks says what time it is, in
/// microseconds.
///
/// An amount passes whole while anything is left, and may overdraw what is left: a large batch waits no longer than a
/// small one, the next one waits for both. In any time t at most `burst + rate * t` and one amount pass.
struct TokenBucket: Hashable, Sendable {
  /// The highest rate: a minute of it in millionths fits an Int64.
  static let maxPerSecond: Int64 = 10_000_000_000
  /// A full bucket holds what comes in this many seconds.
  static let burstSeconds: Int64 = 5

  private static let unit: Int64 = 1_000_000

  /// What comes into the bucket each second, and so millionths each microsecond.
  let perSecond: Int64
  /// What is left, in millionths; below zero it is overdrawn.
  private(set) var level: Int64
  private var time: Int64

  /// A full bucket.
  init(perSecond: Int64, at now: Int64) {
    self.perSecond = min(max(perSecond, 1), Self.maxPerSecond)
    level = self.perSecond * Self.unit * Self.burstSeconds
    time = now
  }

  private var capacity: Int64 { perSecond * Self.unit * Self.burstSeconds }

  /// Whether the bucket knows nothing that a new one would not.
  func isFull(at now: Int64) -> Bool { refilled(at: now).level == capacity }

  /// Microseconds until an amount passes; 0 means now.
  func wait(at now: Int64) -> Int64 {
    let level = refilled(at: now).level
    return level > 0 ? 0 : -level / perSecond + 1
  }

  /// Takes an amount out, which passes after `wait`.
  mutating func take(_ amount: Int64, at now: Int64) {
    self = refilled(at: now)
    level -= amount * Self.unit
  }

  /// Puts back an amount that was taken and did not pass.
  mutating func giveBack(_ amount: Int64, at now: Int64) {
    self = refilled(at: now)
    level = min(level + amount * Self.unit, capacity)
  }

  private func refilled(at now: Int64) -> TokenBucket {
    var refilled = self
    let elapsed = max(now - time, 0)
    refilled.time = max(now, time)
    let (missing, perMicrosecond) = (capacity - level, perSecond)
    refilled.level = elapsed > missing / perMicrosecond ? capacity : level + elapsed * perMicrosecond
    return refilled
  }
}
