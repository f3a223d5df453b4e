import Primitives
import Provenance
import Wire

/// Times of a trace in words: UTC, to the minute.
enum TraceTimes {
  /// For example `2026-03-01 09:30`.
  static func minute(_ microseconds: Int64) -> String {
    let instant = Instant(microseconds: microseconds)
    guard instant.isWithinCalendar else { return "\(instant)" }
    return String(instant.description.prefix(16)).replacing("T", with: " ")
  }

  /// From one time to another; what both have in common is said once.
  static func range(_ first: Int64, _ last: Int64) -> String {
    let (start, end) = (minute(first), minute(last))
    if start == end { return start }
    if start.prefix(10) == end.prefix(10) { return "\(start)–\(end.suffix(5))" }
    return start.prefix(4) == end.prefix(4) && start.count == 16 && end.count == 16
      ? "\(start) … \(end.dropFirst(5))" : "\(start) … \(end)"
  }

  /// When a link held.
  static func words(_ span: Cairn_V1_TraceSpan) -> String {
    let during = span.during
    guard during.hasFrom else {
      return during.hasBefore ? "until \(minute(during.before.microseconds))" : "always"
    }
    guard during.hasBefore else { return "since \(minute(during.from.microseconds))" }
    if during.before.microseconds.subtractingReportingOverflow(during.from.microseconds).partialValue <= 1 {
      return "at \(minute(during.from.microseconds))"
    }
    return range(during.from.microseconds, during.before.microseconds)
  }

  /// How much, for example `380.25 LTR`.
  static func amount(_ quantities: [Cairn_V1_TraceQuantity]) -> String {
    quantities.map { $0.uom.isEmpty ? $0.number : "\($0.number) \($0.uom)" }.joined(separator: " + ")
  }
}
