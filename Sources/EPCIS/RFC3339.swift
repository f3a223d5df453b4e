package import Primitives

/// Date and time of day with an offset from UTC (RFC 3339 section 5.6), upper-case `T` and `Z` as xsd:dateTimeStamp has them.
package struct RFC3339: Hashable, Sendable {
  /// The instant, between `Instant.earliest` and `Instant.latest`; digits beyond microseconds are cut off.
  package let instant: Instant
  /// The offset written, in minutes east of UTC.
  package let offsetMinutes: Int

  /// Parses for example `2026-03-01T09:30:00.25+02:00`; nil text parts give INVALID_TIME with what is wrong.
  package init(_ text: String) throws(Failure) {
    var cursor = DigitCursor(text)
    let year = try cursor.digits(4, "year", 1...9999)
    try cursor.skip("-")
    let month = try cursor.digits(2, "month", 1...12)
    try cursor.skip("-")
    let day = try cursor.digits(2, "day", 1...Self.dayCount(year: year, month: month))
    try cursor.skip("T")
    let hour = try cursor.digits(2, "hour", 0...23)
    try cursor.skip(":")
    let minute = try cursor.digits(2, "minute", 0...59)
    try cursor.skip(":")
    let second = try cursor.digits(2, "second", 0...60)
    guard second < 60 else {
      throw cursor.failure("a leap second (:60) has no place on the Unix time line; write the second before or after")
    }
    let fraction = try cursor.fraction()
    offsetMinutes = try cursor.offset(hours: 0...23)
    try cursor.finish()
    let days = Self.daysSinceEpoch(year: year, month: month, day: day)
    let seconds = ((days * 24 + hour) * 60 + minute - offsetMinutes) * 60 + second
    instant = Instant(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
    guard (Instant.earliest...Instant.latest).contains(instant) else {
      throw cursor.failure("the time in UTC is outside the years 1 to 9999")
    }
  }

  /// Parses an EPCIS eventTimeZoneOffset, `Z` or ±hh:mm up to 14:00, into minutes east of UTC.
  package static func zoneOffset(_ text: String) throws(Failure) -> Int {
    var cursor = DigitCursor(text)
    let minutes = try cursor.offset(hours: 0...14)
    try cursor.finish()
    guard abs(minutes) <= 840 else { throw cursor.failure("an offset is at most 14:00") }
    return minutes
  }

  /// The instant as RFC 3339 text at an offset, with as many fraction digits as it needs (none, three or six).
  package static func text(_ instant: Instant, offsetMinutes: Int = 0) -> String {
    let local = instant.microseconds + Int64(offsetMinutes) * 60_000_000
    let (seconds, fraction) = floorDivide(local, 1_000_000)
    let (days, secondOfDay) = floorDivide(seconds, 86_400)
    let (year, month, day) = date(daysSinceEpoch: Int(days))
    let time = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60].map { pad($0, 2) }.joined(separator: ":")
    let digits = fraction == 0 ? "" : fraction % 1_000 == 0 ? "." + pad(fraction / 1_000, 3) : "." + pad(fraction, 6)
    return "\(pad(Int64(year), 4))-\(pad(Int64(month), 2))-\(pad(Int64(day), 2))T\(time)\(digits)"
      + (offsetMinutes == 0 ? "Z" : offsetText(offsetMinutes))
  }

  /// An offset as ±hh:mm.
  package static func offsetText(_ minutes: Int) -> String {
    let size = Int64(abs(minutes))
    return (minutes < 0 ? "-" : "+") + pad(size / 60, 2) + ":" + pad(size % 60, 2)
  }
}

extension RFC3339 {
  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func floorDivide(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func dayCount(year: Int, month: Int) -> Int {
    switch month {
    case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days of the proleptic Gregorian calendar, years counted from March so that the leap day comes last.
  private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let marchYear = month > 2 ? year : year - 1
    let marchMonth = (month + 9) % 12
    return 365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400 + (153 * marchMonth + 2) / 5 + day
      - 719_469
  }

  private static func date(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(Int64(days + 719_468), 146_097)
    let shifted = Int(dayOfEra)
    let yearOfEra = (shifted - shifted / 1_460 + shifted / 36_524 - shifted / 146_096) / 365
    let dayOfYear = shifted - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}
