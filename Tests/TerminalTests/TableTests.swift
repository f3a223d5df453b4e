import Terminal
import Testing

@Suite struct TableTests {
  private static let table: Table = {
    var table = Table(["TIME", "WHAT"], flexible: ["WHAT"])
    table.add(["09:30", "https://id.gs1.org/01/09506000134352/21/A1"])
    table.add(["10:15", "上海"])
    return table
  }()

  @Test func columnsAreAsWideAsTheyNeed() {
    #expect(
      Self.table.lines(style: .plain, width: nil) == [
        "TIME   WHAT", "09:30  https://id.gs1.org/01/09506000134352/21/A1", "10:15  上海",
      ])
  }

  @Test(arguments: [3, 10, 18, 20, 30, 60]) func noLineIsWiderThanTheTerminal(width: Int) {
    for line in Self.table.lines(style: .plain, width: width) { #expect(line.displayWidth <= width) }
  }

  @Test func whatMattersIsCutLast() {
    let lines = Self.table.lines(style: .plain, width: 20)
    #expect(lines == ["TIME   WHAT", "09:30  https://id.g…", "10:15  上海"])
  }

  @Test func aCellCannotForgeARow() {
    var table = Table(["A", "B"], flexible: [])
    table.add(["x\n1", "\u{1B}[2Jy"])
    #expect(table.lines(style: .plain, width: nil) == ["A        B", "x\\u{a}1  \\u{1b}[2Jy"])
  }

  @Test func coloursAreOnlyWhereTheyAreWanted() {
    #expect(Style.plain(.good, "✓") == "✓")
    #expect(Style(isOn: true)(.good, "✓") == "\u{1B}[32m✓\u{1B}[0m")
  }

  @Test(arguments: [
    (0, "░░░░░░░░░░  0 of 2,000 events"), (1_000, "█████░░░░░  1,000 of 2,000 events"),
    (2_000, "██████████  2,000 of 2,000 events"), (9_999, "██████████  9,999 of 2,000 events"),
  ])
  func progressIsABarAndWords(done: Int, line: String) {
    let bar = ProgressBar(unit: "events", total: 2_000)
    #expect(bar.line(done: done, width: 12 + bar.words(done: done).displayWidth) == line)
  }

  @Test func aNarrowTerminalHasNoBar() {
    #expect(ProgressBar(unit: "events", total: 20).line(done: 3, width: 10) == "3 of 20 e…")
    #expect(ProgressBar(unit: "events", total: 0).line(done: 0, width: 60).contains("0 of 0 events"))
  }
}
