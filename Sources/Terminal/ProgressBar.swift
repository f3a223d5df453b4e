/// How far something is, on one line.
package struct ProgressBar: Hashable, Sendable {
  /// What is counted, for example `events`.
  package let unit: String
  /// How many there are.
  package let total: Int

  /// A bar that counts to `total`.
  package init(unit: String, total: Int) {
    self.unit = unit
    self.total = total
  }

  /// For example `███████░░░  1,400 of 2,000 events`, at most `width` columns.
  package func line(done: Int, width: Int) -> String {
    let words = words(done: done)
    let room = min(40, width - words.displayWidth - 2)
    guard room >= 4 else { return words.fitted(to: width) }
    let full = total > 0 ? min(room, room * min(done, total) / total) : room
    return String(repeating: "█", count: full) + String(repeating: "░", count: room - full) + "  " + words
  }

  /// For example `1,400 of 2,000 events`.
  package func words(done: Int) -> String { "\(done.grouped) of \(total.grouped) \(unit)" }
}

extension BinaryInteger {
  /// Decimal digits in groups of three.
  package var grouped: String {
    let digits = String(magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + text
  }

  /// The number and the word, in the plural where it is not one.
  package func counted(_ word: String) -> String {
    "\(grouped) \(word)\(self == 1 ? "" : word.hasSuffix("h") ? "es" : "s")"
  }
}
