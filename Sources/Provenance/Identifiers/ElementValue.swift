import Primitives

/// The decoded value of one GS1 element, held in place: no GS1 key or qualifier is longer than 30 characters.
struct ElementValue {
  static let capacity = 30

  private var bytes = InlineArray<30, UInt8>(repeating: 0)
  private(set) var count = 0

  subscript(index: Int) -> UInt8 { bytes[index] }

  mutating func append(_ byte: UInt8) throws(Failure) {
    guard count < Self.capacity else {
      throw .identifier(
        "INVALID_LENGTH", "a value is longer than \(Self.capacity) characters, the most that GS1 allows")
    }
    bytes[count] = byte
    count += 1
  }

  /// Appends a range of a text, undoing percent-encoding.
  mutating func append(
    decoding source: Span<UInt8>, _ range: Range<Int>, refusing: CharacterSet
  ) throws(Failure) {
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = source[index]
      if byte == UInt8(ascii: "%") {
        try append(try Self.escape(source, at: index, before: range.upperBound))
        index += 3
      } else {
        guard !refusing.contains(byte) else {
          throw .identifier("INVALID_CHARACTER", "\(byte.quoted) must be percent-encoded here")
        }
        try append(byte)
        index += 1
      }
    }
  }

  private static func escape(_ source: Span<UInt8>, at index: Int, before end: Int) throws(Failure) -> UInt8 {
    guard index + 2 < end, let high = source[index + 1].hexValue, let low = source[index + 2].hexValue else {
      throw .identifier("INVALID_ESCAPE", "'%' must be followed by two hexadecimal digits")
    }
    return high << 4 | low
  }

  /// The mod 10 check digit over a range, weights 3 and 1 from the right (GS1 General Specifications, section 7.9).
  func checkDigit(over range: Range<Int>) -> UInt8 {
    var sum = 0
    var weight = 3
    for index in range.reversed() {
      sum += bytes[index].digitValue * weight
      weight = 4 - weight
    }
    return UInt8(ascii: "0") + UInt8((10 - sum % 10) % 10)
  }

  /// Puts zeros in front until the value has `width` characters.
  mutating func padLeft(to width: Int) {
    let shift = width - count
    guard shift > 0, width <= Self.capacity else { return }
    for index in (0..<width).reversed() {
      bytes[index] = index < shift ? UInt8(ascii: "0") : bytes[index - shift]
    }
    count = width
  }
}
