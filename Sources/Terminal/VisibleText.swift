extension String {
  /// The text with everything that a terminal would obey or hide made visible: control and format characters, among them
  /// escape sequences, line breaks and changes of writing direction, stand as `\u{1b}`.
  package var visible: String {
    guard unicodeScalars.contains(where: \.isInvisible) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isInvisible {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  /// The beginning that fits into `width` columns, with an ellipsis where something was cut.
  package func fitted(to width: Int) -> String {
    guard displayWidth > width else { return self }
    var text = ""
    var room = width - 1
    for character in self {
      room -= character.displayWidth
      if room < 0 { break }
      text.append(character)
    }
    return text + (width > 0 ? "…" : "")
  }

  /// The text as lines of at most `width` columns, broken between words; a longer word has a line of its own.
  package func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    for word in split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
      if let last = lines.last, last.displayWidth + 1 + word.displayWidth <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
    return lines
  }

  /// The text with spaces behind it up to `width` columns.
  package func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }

  /// The columns that the text takes on a terminal.
  package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }
}

extension Character {
  /// The columns that the character takes on a terminal: 0, 1 or 2 (Unicode Standard Annex 11, roughly).
  var displayWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    if first.isASCII { return 1 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return first.isWide || unicodeScalars.contains("\u{FE0F}") ? 2 : 1
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isInvisible: Bool {
    if isASCII { return value < 0x20 || value == 0x7F }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: return true
    case .format: return !(0x200C...0x200D).contains(value)
    default: return false
    }
  }

  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF: true
    case 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD: true
    default: properties.isEmojiPresentation
    }
  }
}
