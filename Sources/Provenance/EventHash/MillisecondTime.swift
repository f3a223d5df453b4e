import Primitives

/// Times as the event hash has them.
enum MillisecondTime {
  /// RFC 3339 in UTC with three digits behind the seconds, half a millisecond rounded up. What no valid event has counts as
  /// the nearest time that one may have: hashes are also computed of events that the ledger refused.
  static func text(ofMicroseconds microseconds: Int64) -> String {
    let possible = min(max(microseconds, Instant.earliest.microseconds), Instant.latest.microseconds)
    let instant = min(Instant(microseconds: possible + 500), .latest)
    let remainder = ((instant.microseconds % 1_000) + 1_000) % 1_000
    var text = Instant(microseconds: instant.microseconds - remainder).description
    guard text.utf8.last == UInt8(ascii: "Z") else { return text }
    text.removeLast()
    let fraction = text.utf8.firstIndex(of: UInt8(ascii: "."))
    let digits = fraction.map { text.utf8.distance(from: $0, to: text.utf8.endIndex) - 1 } ?? 0
    if fraction == nil { text += "." }
    return text + String(repeating: "0", count: 3 - digits) + "Z"
  }

  /// An offset from UTC as ±hh:mm.
  static func offsetText(ofMinutes minutes: Int) -> String {
    let size = abs(minutes)
    func pad(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    return (minutes < 0 ? "-" : "+") + pad(size / 60) + ":" + pad(size % 60)
  }
}
