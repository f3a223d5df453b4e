package import Primitives

/// Rows of comma-separated values (RFC 4180), one at a time. Empty lines are passed over.
package struct CSV {
  private var bytes: ArraySlice<UInt8>
  private var nextLine = 1
  /// The line on which the latest row began, from 1.
  package private(set) var line = 1

  /// Reads `text`, with or without a byte order mark.
  package init(_ text: String) {
    let bytes = Array(text.utf8)[...]
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
  }

  /// The next row; nil at the end. Fails with INVALID_CSV.
  package mutating func next() throws(Failure) -> [String]? {
    while !bytes.isEmpty {
      line = nextLine
      var row = [try field()]
      while bytes.first == UInt8(ascii: ",") {
        bytes.removeFirst()
        row.append(try field())
      }
      try endLine()
      if row != [""] { return row }
    }
    return nil
  }

  private mutating func field() throws(Failure) -> String {
    guard bytes.first == UInt8(ascii: "\"") else {
      let plain = bytes.prefix { !",\r\n\"".utf8.contains($0) }
      bytes = bytes[plain.endIndex...]
      return String(decoding: plain, as: UTF8.self)
    }
    bytes.removeFirst()
    var content: [UInt8] = []
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "\"") {
        guard bytes.first == byte else { return String(decoding: content, as: UTF8.self) }
        bytes.removeFirst()
      }
      if byte == UInt8(ascii: "\n") { nextLine += 1 }
      content.append(byte)
    }
    throw invalid("a quoted field has no end")
  }

  private mutating func endLine() throws(Failure) {
    if bytes.first == UInt8(ascii: "\r") { bytes.removeFirst() }
    guard let byte = bytes.first else { return }
    guard byte == UInt8(ascii: "\n") else { throw invalid("',' or the end of the line expected after a field") }
    bytes.removeFirst()
    nextLine += 1
  }

  private func invalid(_ what: String) -> Failure {
    Failure(.malformed, "INVALID_CSV", "line \(line): \(what)")
  }
}
