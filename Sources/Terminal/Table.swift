/// Rows under headings, as wide as they need to be and no wider than the terminal.
package struct Table: Sendable {
  private static let narrowest = 8

  private let headings: [String]
  private let flexible: Set<String>
  private var rows: [[String]] = []

  /// A table without rows. Where room is scarce the columns under `flexible` headings are cut first.
  package init(_ headings: [String], flexible: Set<String>) {
    self.headings = headings
    self.flexible = flexible
  }

  /// Adds a row; control characters in it become visible.
  package mutating func add(_ row: [String]) { rows.append(row.map(\.visible)) }

  /// The lines, of at most `width` columns. What does not fit is cut, the widest flexible column first.
  package func lines(style: Style, width: Int?) -> [String] {
    let widths = widths(fitting: width)
    let lines = ([headings] + rows).map { row in
      let line = Self.line(row, widths)
      return width.map { line.fitted(to: $0) } ?? line
    }
    return [style(.heading, lines[0])] + lines.dropFirst()
  }

  private static func line(_ row: [String], _ widths: [Int]) -> String {
    let cells = zip(row, widths).map { $0.fitted(to: $1).padded(to: $1) }
    return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
  }

  private func widths(fitting width: Int?) -> [Int] {
    var widths = headings.map(\.displayWidth)
    for row in rows {
      for (column, cell) in row.enumerated() where column < widths.count {
        widths[column] = max(widths[column], cell.displayWidth)
      }
    }
    guard let width else { return widths }
    var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
    let cuttable = headings.indices.filter { flexible.contains(headings[$0]) }
    while excess > 0, let widest = cuttable.max(by: { widths[$0] < widths[$1] }), widths[widest] > Self.narrowest {
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }
}
