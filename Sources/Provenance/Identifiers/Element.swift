import Primitives

/// One application identifier with its decoded, checked value.
struct Element {
  let identifier: ApplicationIdentifier
  let value: ElementValue

  /// Checks a value against the form of its application identifier.
  init(_ identifier: ApplicationIdentifier, _ value: ElementValue) throws(Failure) {
    self.identifier = identifier
    self.value = value
    let format = identifier.format
    try checkLength(format)
    for index in 0..<format.digits where !value[index].isDigit {
      throw .identifier(
        "INVALID_CHARACTER", "(\(identifier.text)) has \(value[index].quoted) where a digit belongs")
    }
    for index in format.digits..<value.count where !format.tail.contains(value[index]) {
      throw .identifier("INVALID_CHARACTER", "(\(identifier.text)) must not contain \(value[index].quoted)")
    }
    if let checked = format.checked { try checkDigit(over: checked) }
    try checkDetails(format)
  }

  private func checkLength(_ format: ApplicationIdentifier.Format) throws(Failure) {
    let tail = value.count - format.digits
    guard format.tailCount.contains(tail) else {
      let least = format.digits + format.tailCount.lowerBound
      let most = format.digits + format.tailCount.upperBound
      throw .identifier(
        "INVALID_LENGTH",
        "(\(identifier.text)) has \(value.count) characters; "
          + (least == most ? "\(least) are needed" : "\(least) to \(most) are allowed"))
    }
  }

  private func checkDigit(over range: Range<Int>) throws(Failure) {
    let computed = value.checkDigit(over: range)
    let found = value[range.upperBound]
    guard found == computed else {
      throw .identifier(
        "INVALID_CHECK_DIGIT",
        "(\(identifier.text)) check digit is \(found.digitValue), computed \(computed.digitValue)")
    }
  }

  private func checkDetails(_ format: ApplicationIdentifier.Format) throws(Failure) {
    if format.leadsWithPrefix {
      for index in 0..<4 where index >= value.count || !value[index].isDigit {
        throw .identifier(
          "INVALID_COMPANY_PREFIX", "(\(identifier.text)) must begin with a GS1 company prefix, at least four digits")
      }
    }
    let zero = UInt8(ascii: "0")
    switch identifier {
    case .grai where value[0] != zero:
      throw .identifier("INVALID_CHARACTER", "(8003) must begin with 0, before the 13 digits of the asset type")
    case .cpiSerial where value[0] == zero && value.count > 1:
      throw .identifier("INVALID_CHARACTER", "(8011) must not begin with 0")
    case .itip:
      let piece = value[14].digitValue * 10 + value[15].digitValue
      let total = value[16].digitValue * 10 + value[17].digitValue
      guard piece >= 1, piece <= total else {
        throw .identifier("INVALID_PIECE", "(8006) is piece \(piece) of \(total); pieces count from 1 to the total")
      }
    default: break
    }
  }

  /// The number of bytes that `write` produces.
  var canonicalByteCount: Int {
    let digits = identifier.format.digits
    var count = identifier.width + 2 + digits
    for index in digits..<value.count { count += CharacterSet.unreserved.contains(value[index]) ? 1 : 3 }
    return count
  }

  /// Writes `/AI/value`, percent-encoding what is not unreserved, and returns the offset behind it.
  func write(to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    var offset = writeName(to: buffer, at: start)
    for index in 0..<value.count {
      let byte = value[index]
      if CharacterSet.unreserved.contains(byte) {
        buffer[offset] = byte
        offset += 1
      } else {
        buffer[offset] = UInt8(ascii: "%")
        buffer[offset + 1] = Self.hexDigit(byte >> 4)
        buffer[offset + 2] = Self.hexDigit(byte & 15)
        offset += 3
      }
    }
    return offset
  }

  /// Writes `/AI/`.
  private func writeName(to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    let width = identifier.width
    var number = identifier.rawValue
    for position in (0..<width).reversed() {
      buffer[start + 1 + position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
      number /= 10
    }
    buffer[start] = UInt8(ascii: "/")
    buffer[start + 1 + width] = UInt8(ascii: "/")
    return start + width + 2
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}
