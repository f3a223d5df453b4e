/// Writes JSON text; numbers appear exactly as their text.
package struct JSONWriter {
  private let isPretty: Bool
  private var output: [UInt8] = []

  private init(isPretty: Bool) { self.isPretty = isPretty }

  /// On one line, without spaces. UTF-8.
  package static func compact(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter(isPretty: false)
    writer.write(value, indent: 0)
    return writer.output
  }

  /// Indented by two spaces, ending in a line feed. UTF-8.
  package static func pretty(_ value: JSONValue) -> [UInt8] {
    var writer = JSONWriter(isPretty: true)
    writer.write(value, indent: 0)
    writer.write("\n")
    return writer.output
  }

  private mutating func write(_ value: JSONValue, indent: Int) {
    switch value {
    case .null: write("null")
    case .boolean(let flag): write(flag ? "true" : "false")
    case .number(let number): write(number)
    case .text(let text): quote(text)
    case .array(let elements):
      write("[")
      for (index, element) in elements.enumerated() {
        separate(index, indent: indent + 1)
        write(element, indent: indent + 1)
      }
      end(isEmpty: elements.isEmpty, indent: indent, "]")
    case .object(let members):
      write("{")
      for (index, member) in members.enumerated() {
        separate(index, indent: indent + 1)
        quote(member.name)
        write(isPretty ? ": " : ":")
        write(member.value, indent: indent + 1)
      }
      end(isEmpty: members.isEmpty, indent: indent, "}")
    }
  }

  private mutating func separate(_ index: Int, indent: Int) {
    if index > 0 { write(",") }
    breakLine(indent)
  }

  private mutating func end(isEmpty: Bool, indent: Int, _ bracket: String) {
    if !isEmpty { breakLine(indent) }
    write(bracket)
  }

  private mutating func breakLine(_ indent: Int) {
    guard isPretty else { return }
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: 2 * indent))
  }

  private mutating func write(_ text: String) { output.append(contentsOf: text.utf8) }

  private mutating func quote(_ text: String) {
    write("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): write("\\\"")
      case UInt8(ascii: "\\"): write("\\\\")
      case 0x08: write("\\b")
      case 0x09: write("\\t")
      case 0x0A: write("\\n")
      case 0x0C: write("\\f")
      case 0x0D: write("\\r")
      case 0..<0x20, 0x7F: write("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
      default: output.append(byte)
      }
    }
    write("\"")
  }
}
