extension UInt8 {
  /// 0 to 9.
  var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

  /// A to Z or a to z.
  var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

  /// A to Z.
  var isUppercase: Bool { self &- UInt8(ascii: "A") < 26 }

  /// What the character adds to a number; meaningful for digits only.
  var digitValue: Int { Int(self &- UInt8(ascii: "0")) }

  /// What the character adds to a hexadecimal number, or nil.
  var hexValue: UInt8? {
    if isDigit { return self &- UInt8(ascii: "0") }
    let letter = (self | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter + 10 : nil
  }

  /// A printed character: neither white space nor control, nor a part of another character.
  var isGraphic: Bool { (0x21...0x7E).contains(self) }

  /// The character in quotes where it can be printed, its code where it cannot.
  var quoted: String {
    isGraphic ? "'\(Character(Unicode.Scalar(self)))'" : "byte \(self)"
  }
}

extension Span<UInt8> {
  /// Whether the ASCII `word` stands at `offset`; `ignoringCase` is for words in lower case.
  func hasPrefix(_ word: StaticString, at offset: Int = 0, ignoringCase: Bool = false) -> Bool {
    let length = word.utf8CodeUnitCount
    guard offset >= 0, count - offset >= length else { return false }
    return word.withUTF8Buffer { word in
      for index in 0..<length {
        var byte = self[offset + index]
        if ignoringCase, byte.isUppercase { byte |= 0x20 }
        guard byte == word[index] else { return false }
      }
      return true
    }
  }

  /// The first place of `byte` at or after `start` and before `end`.
  func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    var index = start
    while index < end {
      if self[index] == byte { return index }
      index += 1
    }
    return nil
  }

  /// The text of a range, for messages.
  func text(_ range: Range<Int>) -> String {
    var bytes: [UInt8] = []
    for index in range.prefix(64) { bytes.append(self[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
