package import Primitives

/// A range of instants, open at either end where a bound is missing.
package struct TimeRange: Hashable, Sendable {
  /// The first instant in it; nil where it has no beginning.
  package let from: Instant?
  /// The first instant behind it; nil where it has no end.
  package let before: Instant?

  /// All instants from `from` on and before `before`.
  package init(from: Instant? = nil, before: Instant? = nil) {
    self.from = from
    self.before = before
  }

  /// Whether it holds every instant.
  package var isUnbounded: Bool { from == nil && before == nil }

  /// Whether the instant is in it.
  package func contains(_ instant: Instant) -> Bool {
    if let from, instant < from { return false }
    if let before, instant >= before { return false }
    return true
  }
}
