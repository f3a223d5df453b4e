/// Where a value stands in a JSON text (RFC 6901); `description` is the pointer, empty for the whole text.
package indirect enum JSONPointer: Hashable, Sendable {
  case root
  case member(JSONPointer, String)
  case element(JSONPointer, Int)

  /// The pointer to an object's member.
  package func member(_ name: String) -> JSONPointer { .member(self, name) }

  /// The pointer to an array's element, counted from 0.
  package func element(_ index: Int) -> JSONPointer { .element(self, index) }
}

extension JSONPointer: CustomStringConvertible {
  /// RFC 6901 text, for example `/epcList/3`.
  package var description: String {
    var tokens: [String] = []
    var place = self
    while true {
      switch place {
      case .root:
        return tokens.reversed().joined()
      case .member(let parent, let name):
        tokens.append("/" + Self.escape(name))
        place = parent
      case .element(let parent, let index):
        tokens.append("/\(index)")
        place = parent
      }
    }
  }

  /// RFC 6901 section 3: `~` becomes `~0`, `/` becomes `~1`.
  private static func escape(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
    var escaped = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "~": escaped += "~0"
      case "/": escaped += "~1"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
