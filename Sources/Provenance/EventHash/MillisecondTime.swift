import Primitives

/// Times as the event hash has them.
enum MillisecondTime {
  /// RFC 3339 in UTC with three digits behind the seconds, half a millisecond rounded up. What no valid event has counts as
  /// the nearest time that one may have: hashes are also computed of events that the ledger refused.
  static func text(ofMicroseconds microseconds: Int64) -> String {
    let possible = min(max(microseconds, Instant.earliest.microseconds), Instant.latest.microseconds)
    let instant = min(Instant(microseconds: possible + 500), .latest)
    return instant.text(fractionDigits: 3)
  }

  /// An offset from UTC as ±hh:mm.
  static func offsetText(ofMinutes minutes: Int) -> String {
    let size = abs(minutes)
    func pad(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    return (minutes < 0 ? "-" : "+") + pad(size / 60) + ":" + pad(size % 60)
  }
}
