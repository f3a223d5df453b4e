import Terminal

extension Table {
  /// Writes the table to the output, as wide as the terminal.
  func print() {
    let style = Console.output.style(environment: environment)
    for line in lines(style: style, width: Console.output.width) { Console.output.line(line) }
  }
}
