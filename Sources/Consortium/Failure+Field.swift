import Primitives

/// Runs a check and puts `path` in front of the field of its failure.
func at<Value>(_ path: @autoclosure () -> String, _ check: () throws(Failure) -> Value) throws(Failure) -> Value {
  do throws(Failure) { return try check() } catch { throw error.under(path()) }
}

/// Refuses a text of more than `limit` bytes.
func requireText(_ text: String, atMost limit: Int, field: String) throws(Failure) {
  guard text.utf8.count <= limit else {
    throw .malformed("TEXT_TOO_LONG", field: field, "\(text.utf8.count) bytes; at most \(limit)")
  }
}

extension MemberID {
  /// Parses a member's id, or says which field holds none.
  init(parsing text: String, field: String) throws(Failure) {
    guard let id = MemberID(text) else { throw .malformed("MALFORMED_NAME", field: field, Self.grammar) }
    self = id
  }
}

extension Instant {
  /// A time in the years 1 to 9999; `zero` stands for what 0 means.
  init?(microseconds: Int64, field: String) throws(Failure) {
    if microseconds == 0 { return nil }
    self.init(microseconds: microseconds)
    guard isWithinCalendar else {
      throw .malformed("TIME_OUT_OF_RANGE", field: field, "a time in the years 1 to 9999 expected")
    }
  }

  /// The instant so many hours later; the end of the calendar when there is none.
  func later(hours: Int64) -> Instant {
    let (sum, overflow) = microseconds.addingReportingOverflow(hours * 3_600_000_000)
    return overflow ? .latest : Instant(microseconds: sum)
  }
}
