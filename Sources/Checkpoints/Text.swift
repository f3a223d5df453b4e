import Primitives

/// What the formats here have in common: text is read as bytes, since Swift's characters would join a line feed or a
/// space to what follows it, and would call two spellings of a name equal.
enum Text {
  static let lineFeed = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")

  /// The text of bytes that were cut from a valid string next to ASCII characters.
  static func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The lines of a text, each of which must end in a line feed; nil where the last does not.
  static func lines(_ bytes: ArraySlice<UInt8>) -> [[UInt8]]? {
    guard bytes.last == lineFeed else { return nil }
    return bytes.dropLast().split(separator: lineFeed, omittingEmptySubsequences: false).map(Array.init)
  }

  /// A decimal number without sign or leading zeros.
  static func decimal(_ bytes: some Collection<UInt8>) -> UInt64? {
    guard let number = UInt64(string(bytes)), "\(number)".utf8.elementsEqual(bytes) else { return nil }
    return number
  }

  /// Whether there are control characters other than the line feed (C2SP signed-note).
  static func hasControlCharacters(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.contains { $0 < 0x20 && $0 != lineFeed }
  }
}
