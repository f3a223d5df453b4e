/// A JSON value (RFC 8259) that keeps numbers as they were written and object members in their order.
///
/// Written by hand because no library we depend on keeps a number's text: Foundation and swift-protobuf turn
/// `0.10` into a binary floating-point number, and a measurement would not come back as it went in.
package enum JSONValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// The number's text, for example `0.10` or `1E+3`.
  case number(String)
  case text(String)
  case array([JSONValue])
  /// Members in the order written; no name occurs twice in what `JSONParser` returns.
  case object([Member])

  /// A name and a value.
  package struct Member: Hashable, Sendable {
    /// Unescaped; may be empty.
    package var name: String
    /// Of any kind.
    package var value: JSONValue

    /// A member of an object.
    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The value of the member with this name; nil where there is none or this is no object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// What sort of value this is, in words for a message.
  package var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .number: "a number"
    case .text: "text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
