import Primitives

/// Walks over the digits and signs of a time.
struct DigitCursor {
  private let text: String
  private var rest: Substring.UTF8View

  init(_ text: String) {
    self.text = text
    rest = text[...].utf8
  }

  /// INVALID_TIME that repeats the text, cut to 64 characters.
  func failure(_ description: String) -> Failure {
    Failure.malformed("INVALID_TIME", field: "", "'\(text.prefix(64))': \(description)")
  }

  mutating func digits(_ count: Int, _ name: String, _ range: ClosedRange<Int>) throws(Failure) -> Int {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy(Self.isDigit) else {
      throw failure("the \(name) should be \(count) digits, as in 2026-03-01T09:30:00+02:00")
    }
    rest = rest.dropFirst(count)
    let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    guard range.contains(number) else {
      throw failure("the \(name) is \(number); it should be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func skip(_ sign: Character) throws(Failure) {
    guard let byte = sign.asciiValue, take(byte) else {
      throw failure("'\(sign)' is missing, as in 2026-03-01T09:30:00+02:00")
    }
  }

  /// Microseconds of an optional fraction; further digits are cut off.
  mutating func fraction() throws(Failure) -> Int {
    guard take(UInt8(ascii: ".")) else { return 0 }
    let digits = rest.prefix(while: Self.isDigit)
    guard !digits.isEmpty else { throw failure("a digit should follow the decimal point") }
    rest = rest.dropFirst(digits.count)
    let micros = digits.prefix(6).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return (digits.count..<max(6, digits.count)).reduce(micros) { micros, _ in micros * 10 }
  }

  /// Minutes east of UTC of `Z` or ±hh:mm.
  mutating func offset(hours: ClosedRange<Int>) throws(Failure) -> Int {
    if take(UInt8(ascii: "Z")) { return 0 }
    let isWest = take(UInt8(ascii: "-"))
    guard isWest || take(UInt8(ascii: "+")) else {
      throw failure("the offset from UTC is missing; write Z, or for example +02:00")
    }
    let hour = try digits(2, "offset's hour", hours)
    try skip(":")
    let minutes = hour * 60 + (try digits(2, "offset's minute", 0...59))
    return isWest ? -minutes : minutes
  }

  func finish() throws(Failure) {
    guard rest.isEmpty else { throw failure("something follows the offset from UTC") }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
