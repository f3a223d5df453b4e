import Primitives
import Wire

extension Rules {
  /// The event's time: in range, and its texts, where there are any, say the same as its numbers.
  static func eventTime(_ event: Cairn_V1_Event) throws(Failure) -> Instant {
    guard event.hasEventTime else {
      throw .malformed("MISSING_FIELD", field: "event_time", "is missing: an event says when it happened")
    }
    let time = event.eventTime
    let instant = Instant(microseconds: time.microseconds)
    guard (Instant.earliest...Instant.latest).contains(instant) else {
      throw .malformed(
        "TIME_OUT_OF_RANGE", field: "event_time.microseconds", "is before year 1 or after year 9999")
    }
    let offset = Int(time.offsetMinutes)
    guard (-EventLimits.offsetMinutes...EventLimits.offsetMinutes).contains(offset) else {
      throw .malformed(
        "OFFSET_OUT_OF_RANGE", field: "event_time.offset_minutes", "is \(offset); -840 to 840 is possible")
    }
    if !time.text.isEmpty { try text(time.text, says: instant) }
    if !time.offsetText.isEmpty { try offsetText(time.offsetText, says: offset) }
    return instant
  }

  private static func text(_ text: String, says instant: Instant) throws(Failure) {
    let timestamp = try at("event_time.text") { () throws(Failure) in try Timestamp(text) }
    guard timestamp.instant == instant else {
      throw .malformed(
        "TIME_MISMATCH", field: "event_time.text",
        "is \(timestamp.instant.microseconds) microseconds since 1970, but microseconds says \(instant.microseconds)")
    }
  }

  private static func offsetText(_ text: String, says minutes: Int) throws(Failure) {
    let written = try at("event_time.offset_text") { () throws(Failure) in try Timestamp.offsetMinutes(text) }
    guard written == minutes else {
      throw .malformed(
        "OFFSET_MISMATCH", field: "event_time.offset_text",
        "is \(written) minutes, but offset_minutes says \(minutes)")
    }
  }
}
