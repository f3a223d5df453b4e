/// A point in time: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Instant: Hashable, Sendable, Comparable {
  /// Microseconds since the Unix epoch.
  package let microseconds: Int64

  /// The instant `microseconds` after the Unix epoch.
  package init(microseconds: Int64) { self.microseconds = microseconds }

  package static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

  /// 0001-01-01T00:00:00Z, the earliest time a record may carry.
  package static let earliest = Instant(microseconds: -62_135_596_800_000_000)
  /// 9999-12-31T23:59:59.999999Z, the latest time a record may carry.
  package static let latest = Instant(microseconds: 253_402_300_799_999_999)

  /// Whether the instant lies in the years 1 to 9999.
  package var isWithinCalendar: Bool { Self.earliest <= self && self <= Self.latest }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC with as many fraction digits as needed, for example `2026-11-22T16:27:05.25Z`.
  package var description: String {
    guard isWithinCalendar else { return "\(microseconds) µs" }
    var (rest, digits) = (Self.floorDivide(microseconds, 1_000_000).remainder, 6)
    while digits > 0, rest % 10 == 0 { (rest, digits) = (rest / 10, digits - 1) }
    return text(fractionDigits: digits)
  }

  /// RFC 3339 in UTC with so many fraction digits, 0 to 6; further ones are cut off. For an instant within the calendar.
  package func text(fractionDigits: Int) -> String {
    let (days, dayMicroseconds) = Self.floorDivide(microseconds, 86_400_000_000)
    let (year, month, day) = Self.civil(fromDays: days)
    let (seconds, fraction) = dayMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return String(unsafeUninitializedCapacity: 27) { buffer in
      var end = 0
      func write(_ number: Int64, _ width: Int, _ mark: Unicode.Scalar) {
        var number = number
        for place in (end..<end + width).reversed() {
          buffer[place] = UInt8(ascii: "0") + UInt8(number % 10)
          number /= 10
        }
        buffer[end + width] = UInt8(ascii: mark)
        end += width + 1
      }
      write(year, 4, "-")
      write(month, 2, "-")
      write(day, 2, "T")
      write(seconds / 3600, 2, ":")
      write(seconds / 60 % 60, 2, ":")
      write(seconds % 60, 2, fractionDigits > 0 ? "." : "Z")
      if fractionDigits > 0 {
        let cut = (fractionDigits..<6).reduce(fraction) { fraction, _ in fraction / 10 }
        write(cut, fractionDigits, "Z")
      }
      return end
    }
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  /// The proleptic Gregorian date `days` after 1970-01-01, by counting from 1 March in eras of 400 years.
  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }
}
