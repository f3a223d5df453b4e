/// Rows under headings, as wide as they need to be and no wider than the terminal.
package struct Table: Sendable {
  private let headings: [String]
  private var rows: [[String]] = []

  /// A table without rows.
  package init(_ headings: [String]) { self.headings = headings }

  /// Adds a row; control characters in it become visible.
  package mutating func add(_ row: [String]) { rows.append(row.map(\.visible)) }

  /// The lines. What does not fit into `width` columns is cut, the widest column first.
  package func lines(style: Style, width: Int?) -> [String] {
    let widths = widths(fitting: width)
    let heading = style(.heading, Self.line(headings, widths))
    return [heading] + rows.map { Self.line($0, widths) }
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
    while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8 {
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }
}
