import Primitives

/// A date and time with its offset from UTC (RFC 3339, section 5.6).
struct Timestamp {
  /// The instant; digits beyond microseconds are cut off.
  let instant: Instant
  /// The offset that was written, in minutes east of UTC.
  let offsetMinutes: Int

  /// Reads for example `2026-03-01T09:30:00.25+02:00`; anything else is refused with `INVALID_TIME`.
  init(_ text: String) throws(Failure) {
    var reader = TimeReader(text.utf8.span.count)
    let bytes = text.utf8.span
    let year = try reader.number(bytes, 4, 1...9_999)
    try reader.skip(bytes, "-")
    let month = try reader.number(bytes, 2, 1...12)
    try reader.skip(bytes, "-")
    let day = try reader.number(bytes, 2, 1...Self.dayCount(year: year, month: month))
    try reader.skip(bytes, "t")
    let hour = try reader.number(bytes, 2, 0...23)
    try reader.skip(bytes, ":")
    let minute = try reader.number(bytes, 2, 0...59)
    try reader.skip(bytes, ":")
    let second = try reader.number(bytes, 2, 0...59)
    let fraction = try reader.fraction(bytes)
    offsetMinutes = try reader.offset(bytes, hours: 0...23)
    try reader.finish()
    let minutes = (Self.dayNumber(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offsetMinutes
    instant = Instant(microseconds: Int64(minutes * 60 + second) * 1_000_000 + Int64(fraction))
    guard (Instant.earliest...Instant.latest).contains(instant) else {
      throw TimeReader.failure("is before year 1 or after year 9999 in UTC")
    }
  }

  /// Reads `Z` or ±hh:mm up to 14:00, in minutes east of UTC.
  static func offsetMinutes(_ text: String) throws(Failure) -> Int {
    let bytes = text.utf8.span
    var reader = TimeReader(bytes.count)
    let minutes = try reader.offset(bytes, hours: 0...14)
    try reader.finish()
    return minutes
  }

  private static func dayCount(year: Int, month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March so that leap days come last.
  private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    let year = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}

/// Reads the parts of a timestamp one after the other.
struct TimeReader {
  private var offset = 0
  private let end: Int

  init(_ end: Int) { self.end = end }

  static func failure(_ description: String) -> Failure {
    .malformed("INVALID_TIME", field: "", description + "; write RFC 3339, for example 2026-03-01T09:30:00.000+02:00")
  }

  mutating func number(_ bytes: Span<UInt8>, _ width: Int, _ range: ClosedRange<Int>) throws(Failure) -> Int {
    guard offset + width <= end else { throw Self.failure("ends too early") }
    var number = 0
    for index in offset..<offset + width {
      guard bytes[index].isDigit else { throw Self.failure("has \(bytes[index].quoted) where a digit belongs") }
      number = number * 10 + bytes[index].digitValue
    }
    guard range.contains(number) else {
      throw Self.failure("has \(number) where \(range.lowerBound) to \(range.upperBound) is possible")
    }
    offset += width
    return number
  }

  mutating func skip(_ bytes: Span<UInt8>, _ word: StaticString) throws(Failure) {
    guard bytes.hasPrefix(word, at: offset, ignoringCase: true) else { throw Self.failure("lacks '\(word)'") }
    offset += word.utf8CodeUnitCount
  }

  /// Microseconds; further digits must be digits but do not count.
  mutating func fraction(_ bytes: Span<UInt8>) throws(Failure) -> Int {
    guard offset < end, bytes[offset] == UInt8(ascii: ".") else { return 0 }
    offset += 1
    var fraction = 0
    var unit = 100_000
    let start = offset
    while offset < end, bytes[offset].isDigit {
      fraction += bytes[offset].digitValue * unit
      unit /= 10
      offset += 1
    }
    guard offset > start else { throw Self.failure("has no digits after '.'") }
    return fraction
  }

  mutating func offset(_ bytes: Span<UInt8>, hours: ClosedRange<Int>) throws(Failure) -> Int {
    guard offset < end else { throw Self.failure("lacks its offset from UTC") }
    let sign = bytes[offset]
    offset += 1
    if sign | 0x20 == UInt8(ascii: "z") { return 0 }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
      throw Self.failure("lacks its offset from UTC")
    }
    let hour = try number(bytes, 2, hours)
    try skip(bytes, ":")
    let minutes = hour * 60 + (try number(bytes, 2, 0...(hours.upperBound == 14 && hour == 14 ? 0 : 59)))
    return sign == UInt8(ascii: "-") ? -minutes : minutes
  }

  func finish() throws(Failure) {
    guard offset == end else { throw Self.failure("goes on behind its offset from UTC") }
  }
}
