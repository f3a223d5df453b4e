import Primitives
import Provenance

/// How an identifier is written where there is little room.
enum ItemName {
  private static let origin = "https://id.gs1.org/"

  /// A GS1 Digital Link on id.gs1.org as the element string that means the same, for example `(01)09521321000018(21)B0041`;
  /// anything else as it is.
  static func short(_ canonical: String) -> String {
    guard canonical.hasPrefix(origin) else { return canonical }
    let parts = canonical.dropFirst(origin.count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count.isMultiple(of: 2) else { return canonical }
    let text = stride(from: 0, to: parts.count, by: 2).reduce(into: "") { text, index in
      text += "(\(parts[index]))\(String(parts[index + 1]).removingPercentEncoding)"
    }
    return (try? Identifier(text))?.canonical == canonical ? text : canonical
  }
}

extension String {
  /// The text with `%41` as `A`; unchanged where that makes no text.
  fileprivate var removingPercentEncoding: String {
    guard contains("%") else { return self }
    var bytes: [UInt8] = []
    var rest = utf8[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.dropFirst().prefix(2))), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(validating: bytes, as: UTF8.self) ?? self
  }
}
