/// How long to wait before trying again: longer each time, with some chance in it, and not for ever.
package struct Backoff: Sendable {
  /// Tries in a row without any success after which it ends.
  package static let maxAttempts = 7
  private static let firstMilliseconds = 250
  private static let maxMilliseconds = 8_000

  private var attempts = 0

  /// Nothing has failed yet.
  package init() {}

  /// Something succeeded: begin anew.
  package mutating func reset() { attempts = 0 }

  /// The next wait in milliseconds, at least what the server asked for; nil when it is time to give up. `chance` is 0 to 1.
  package mutating func next(atLeast asked: Int?, chance: Double) -> Int? {
    attempts += 1
    guard attempts < Self.maxAttempts else { return nil }
    let wait = min(Self.firstMilliseconds << (attempts - 1), Self.maxMilliseconds)
    return max(wait / 2 + Int(Double(wait / 2) * chance), min(asked ?? 0, 60_000))
  }
}
