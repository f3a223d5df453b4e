import Primitives

/// What happened in a run, for people.
final class Trace {
  private(set) var lines: [String] = []

  /// Adds a line at that time, in microseconds.
  func note(_ now: Int64, _ line: String) {
    lines.append("\((now - Cast.start.microseconds) / 1_000) ms  \(line)")
  }
}
