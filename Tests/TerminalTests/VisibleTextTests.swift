import Terminal
import Testing

@Suite struct VisibleTextTests {
  @Test(arguments: [
    ("\u{1B}[31mred\u{1B}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
    ("\u{1B}]0;title\u{07}", "\\u{1b}]0;title\\u{7}"),
    ("\u{9B}2J", "\\u{9b}2J"),
    ("one\r\ntwo\tthree", "one\\u{d}\\u{a}two\\u{9}three"),
    ("rtl \u{202E}txt.exe", "rtl \\u{202e}txt.exe"),
    ("\u{2066}isolate\u{2069}", "\\u{2066}isolate\\u{2069}"),
    ("line\u{2028}para\u{2029}", "line\\u{2028}para\\u{2029}"),
    ("\u{FEFF}mark \u{E0041}tag", "\\u{feff}mark \\u{e0041}tag"),
    ("del\u{7F}", "del\\u{7f}"),
  ])
  func whatATerminalWouldObeyIsShown(text: String, visible: String) { #expect(text.visible == visible) }

  @Test(arguments: ["Grüße aus Übersee", "上海港", "نقل", "👩‍🌾 🍇", "e\u{301}", "می‌خواهم", ""])
  func whatPeopleWriteStaysAsItIs(text: String) { #expect(text.visible == text) }

  /// Whatever an event holds, no byte that a terminal obeys comes out.
  @Test func noControlCharacterEverGetsThrough() {
    let escaping = (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init).filter { scalar in
      String(Character(scalar)).visible.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
    #expect(escaping == [])
  }

  @Test(arguments: [("abc", 3), ("上海", 4), ("e\u{301}x", 2), ("👍", 2), ("é", 1), ("", 0), ("ﾊ", 1)])
  func columnsAreCountedAsATerminalDoes(text: String, width: Int) { #expect(text.displayWidth == width) }

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("上海港口", 5, "上海…"), ("abc", 1, "…"), ("abc", 0, ""),
    ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
  ])
  func whatDoesNotFitIsCutBetweenCharacters(text: String, width: Int, fitted: String) {
    #expect(text.fitted(to: width) == fitted)
    #expect(text.fitted(to: width).displayWidth <= max(width, 0))
  }

  @Test(arguments: [
    ("one two three", 7, ["one two", "three"]), ("a longerword b", 4, ["a", "longerword", "b"]), ("", 4, [""]),
    ("上海 港口", 9, ["上海 港口"]), ("上海 港口", 8, ["上海", "港口"]),
  ])
  func linesBreakBetweenWords(text: String, width: Int, lines: [String]) { #expect(text.wrapped(to: width) == lines) }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (100_000, "100,000")])
  func numbersAreGrouped(number: Int, text: String) { #expect(number.grouped == text) }

  @Test func oneIsNotMany() {
    #expect(1.counted("batch") == "1 batch")
    #expect(2.counted("batch") == "2 batches")
    #expect(0.counted("event") == "0 events")
  }
}
