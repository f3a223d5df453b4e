package import Primitives

/// A strict RFC 8259 parser over UTF-8 bytes: no comments, no trailing commas, no duplicate names, no lone surrogates.
///
/// Every failure is `malformed` (`exhausted` for a limit) and has `line`, `column` (from 1, in characters) and `pointer`
/// in its metadata. A byte order mark at the start is skipped (section 8.1).
package struct JSONParser {
  let bytes: [UInt8]
  let limits: JSONLimits
  var position = 0
  private var path: [PathStep] = []
  private var valueCount = 0

  private enum PathStep {
    case name(String)
    case index(Int)
  }

  private init(_ bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// Reads one JSON text.
  package static func parse(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(Failure) -> JSONValue {
    guard bytes.count <= limits.byteCount else {
      throw Failure(
        .exhausted, "JSON_TOO_LARGE", "the text has \(bytes.count) bytes; at most \(limits.byteCount) are read")
    }
    var parser = JSONParser(bytes, limits: limits)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.failure("JSON_TRAILING_TEXT", "something follows the JSON value; a text holds one value only")
    }
    return value
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    skipSpace()
    valueCount += 1
    guard valueCount <= limits.valueCount else {
      throw failure("JSON_TOO_MANY_VALUES", "more than \(limits.valueCount) values; split the file", kind: .exhausted)
    }
    switch peek {
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "-"): return .number(try number())
    case let byte? where Self.isDigit(byte): return .number(try number())
    case UInt8(ascii: "t") where take("true"): return .boolean(true)
    case UInt8(ascii: "f") where take("false"): return .boolean(false)
    case UInt8(ascii: "n") where take("null"): return .null
    default: throw unexpected("a value")
    }
  }

  private mutating func elements(depth: Int) throws(Failure) -> [JSONValue] {
    try open(depth)
    var elements: [JSONValue] = []
    if close(UInt8(ascii: "]")) { return elements }
    while true {
      path.append(.index(elements.count))
      elements.append(try value(depth: depth))
      path.removeLast()
      if close(UInt8(ascii: "]")) { return elements }
      guard takeByte(UInt8(ascii: ",")) else { throw unexpected("a comma or the end of the list") }
    }
  }

  private mutating func members(depth: Int) throws(Failure) -> [JSONValue.Member] {
    try open(depth)
    var members: [JSONValue.Member] = []
    var names = NameSet()
    if close(UInt8(ascii: "}")) { return members }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw unexpected("a member's name in double quotes") }
      let name = try memberName(&names, count: members.count)
      path.append(.name(name))
      members.append(JSONValue.Member(name, try value(depth: depth)))
      path.removeLast()
      if close(UInt8(ascii: "}")) { return members }
      guard takeByte(UInt8(ascii: ",")) else { throw unexpected("a comma or the end of the object") }
    }
  }

  private mutating func memberName(_ names: inout NameSet, count: Int) throws(Failure) -> String {
    let start = position
    let name = try text()
    guard count < limits.memberCount else {
      throw failure(
        "JSON_TOO_MANY_MEMBERS", "more than \(limits.memberCount) members in one object", at: start, kind: .exhausted)
    }
    guard names.insert(name) else {
      path.append(.name(name))
      throw failure(
        "JSON_DUPLICATE_NAME", "the name stands twice in one object; which one counts is unclear", at: start)
    }
    skipSpace()
    guard takeByte(UInt8(ascii: ":")) else { throw unexpected("a colon after the member's name") }
    return name
  }

  private mutating func open(_ depth: Int) throws(Failure) {
    guard depth <= limits.depth else {
      throw failure("JSON_TOO_DEEP", "more than \(limits.depth) lists and objects within one another", kind: .exhausted)
    }
    position += 1
  }

  private mutating func close(_ byte: UInt8) -> Bool {
    skipSpace()
    return takeByte(byte)
  }
}

extension JSONParser {
  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func takeByte(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[position..<end].elementsEqual(word) else { return false }
    position = end
    return true
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func unexpected(_ wanted: String) -> Failure {
    guard let byte = peek else {
      return failure("JSON_TRUNCATED", "the text ends where \(wanted) should stand")
    }
    let isPrintable = (0x21...0x7E).contains(byte)
    let found = isPrintable ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(Hex.encode([byte]))"
    return failure("JSON_SYNTAX", "\(wanted) should stand here, not \(found)")
  }

  /// A failure at `offset`, by default the present position.
  func failure(
    _ reason: String, _ description: String, at offset: Int? = nil, kind: Failure.Kind = .malformed
  ) -> Failure {
    let (line, column) = place(of: offset ?? position)
    let pointer = path.reduce(JSONPointer.root) { pointer, step in
      switch step {
      case .name(let name): pointer.member(name)
      case .index(let index): pointer.element(index)
      }
    }.description
    return Failure(
      kind, reason, "line \(line), column \(column)\(pointer.isEmpty ? "" : ", \(pointer)"): \(description)",
      violations: [Failure.Violation(field: pointer, description: description)],
      metadata: ["line": "\(line)", "column": "\(column)", "pointer": pointer])
  }

  private func place(of offset: Int) -> (line: Int, column: Int) {
    let before = bytes[..<min(offset, bytes.count)]
    let line = 1 + before.count { $0 == 0x0A }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = 1 + before[start...].count { $0 & 0xC0 != 0x80 }
    return (line, column)
  }
}
