/// A set of ASCII characters, one bit each. The named ones are those of the GS1 General Specifications, section 7.11.
struct CharacterSet {
  private let low: UInt64
  private let high: UInt64

  init(_ characters: StaticString) {
    var low: UInt64 = 0
    var high: UInt64 = 0
    characters.withUTF8Buffer { buffer in
      for byte in buffer {
        if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
      }
    }
    self.low = low
    self.high = high
  }

  func contains(_ byte: UInt8) -> Bool {
    guard byte < 128 else { return false }
    return (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
  }
}

extension CharacterSet {
  static let digits = CharacterSet("0123456789")

  /// GS1 AI encodable character set 82.
  static let set82 = CharacterSet(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!\"%&'()*+,-./:;<=>?_")

  /// GS1 AI encodable character set 39, for component parts.
  static let set39 = CharacterSet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ#-/")

  /// What stands for itself everywhere in a URI (RFC 3986, section 2.3).
  static let unreserved = CharacterSet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~")

  /// What a URI may not hold as it is (RFC 3986, appendix A).
  static let neverInURI = CharacterSet(" \"<>\\^`{|}")

  /// What an EPC URN writes with a percent escape (EPC Tag Data Standard 2.0, section 6.3).
  static let escapedInURN = CharacterSet("\"&/<>?#")

  static let none = CharacterSet("")
}
