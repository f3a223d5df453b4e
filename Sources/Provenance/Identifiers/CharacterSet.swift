/// A set of ASCII characters, one bit each, so that a look-up needs no memory.
struct CharacterSet {
  private let low: UInt64
  private let high: UInt64

  /// The characters 0 to 63 and 64 to 127, the lowest bit first.
  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  func contains(_ byte: UInt8) -> Bool {
    guard byte < 128 else { return false }
    return (byte < 64 ? low : high) &>> UInt64(byte & 63) & 1 == 1
  }
}

extension CharacterSet {
  static var digits: CharacterSet { CharacterSet(low: 0x03ff_0000_0000_0000, high: 0) }

  /// GS1 AI encodable character set 82 (GS1 General Specifications, section 7.11).
  static var set82: CharacterSet { CharacterSet(low: 0xffff_ffe6_0000_0000, high: 0x07ff_fffe_87ff_fffe) }

  /// GS1 AI encodable character set 39, for component parts: digits, capitals, `#`, `-` and `/`.
  static var set39: CharacterSet { CharacterSet(low: 0x03ff_a008_0000_0000, high: 0x0000_0000_07ff_fffe) }

  /// What stands for itself everywhere in a URI: letters, digits, `-`, `.`, `_` and `~` (RFC 3986, section 2.3).
  static var unreserved: CharacterSet { CharacterSet(low: 0x03ff_6000_0000_0000, high: 0x47ff_fffe_87ff_fffe) }

  /// What a URI may not hold as it is: space, quote, `<`, `>`, `\`, `^`, backtick, `{`, `|`, `}` (RFC 3986, appendix A).
  static var neverInURI: CharacterSet { CharacterSet(low: 0x5000_0005_0000_0000, high: 0x3800_0001_5000_0000) }

  /// What an EPC URN writes with a percent escape: quote, `&`, `/`, `<`, `>`, `?`, `#` (EPC Tag Data Standard 2.0, 6.3).
  static var escapedInURN: CharacterSet { CharacterSet(low: 0xd000_804c_0000_0000, high: 0) }
}
