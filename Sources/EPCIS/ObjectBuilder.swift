import Primitives
import Wire

/// Gathers the members of one JSON object; what is absent in the message adds nothing.
struct ObjectBuilder {
  private var members: [JSONValue.Member] = []
  private var names = NameSet()

  /// Adds a member; DUPLICATE_NAME where an extension bears the name of another member.
  mutating func add(_ name: String, _ value: JSONValue) throws(Failure) {
    guard names.insert(name) else {
      throw Failure.malformed("DUPLICATE_NAME", field: name, "two members of one object would bear this name")
    }
    members.append(JSONValue.Member(name, value))
  }

  mutating func text(_ name: String, _ text: String) throws(Failure) {
    if !text.isEmpty { try add(name, .text(text)) }
  }

  /// NOT_A_NUMBER where the text is no JSON number, so that nothing else can slip into the output.
  mutating func number(_ name: String, _ number: String) throws(Failure) {
    if !number.isEmpty { try add(name, try Self.number(number, field: name)) }
  }

  mutating func texts(_ name: String, _ texts: [String]) throws(Failure) {
    try add(name, .array(texts.map(JSONValue.text)))
  }

  mutating func texts(_ name: String, _ list: Cairn_V1_TextList) throws(Failure) {
    if list.scalar, let only = list.values.first, list.values.count == 1 { return try add(name, .text(only)) }
    try texts(name, list.values)
  }

  /// Adds one element for each item, in order.
  mutating func list<Item>(
    _ name: String, _ items: [Item], _ write: (Item, inout ObjectBuilder) throws(Failure) -> Void
  ) throws(Failure) {
    var elements: [JSONValue] = []
    for (index, item) in items.enumerated() { elements.append(try Self.object("\(name)[\(index)]", item, write)) }
    try add(name, .array(elements))
  }

  /// Adds an object.
  mutating func object<Item>(
    _ name: String, _ item: Item, _ write: (Item, inout ObjectBuilder) throws(Failure) -> Void
  ) throws(Failure) {
    try add(name, try Self.object(name, item, write))
  }

  mutating func extensions(_ extensions: [Cairn_V1_Extension]) throws(Failure) {
    for property in extensions { try add(property.name, try Self.value(property.value, field: property.name)) }
  }

  var value: JSONValue { .object(members) }

  static func object<Item>(
    _ path: String, _ item: Item, _ write: (Item, inout ObjectBuilder) throws(Failure) -> Void
  ) throws(Failure) -> JSONValue {
    var builder = ObjectBuilder()
    do { try write(item, &builder) } catch { throw error.under(path) }
    return builder.value
  }

  private static func number(_ text: String, field: String) throws(Failure) -> JSONValue {
    guard JSONParser.isNumber(text) else {
      throw Failure.malformed("NOT_A_NUMBER", field: field, "'\(text.prefix(64))' is no JSON number")
    }
    return .number(text)
  }

  static func value(_ message: Cairn_V1_ExtensionValue, field: String) throws(Failure) -> JSONValue {
    switch message.kind {
    case .text(let text): return .text(text)
    case .number(let text): return try number(text, field: field)
    case .boolean(let flag): return .boolean(flag)
    case .null: return .null
    case .list(let list):
      var elements: [JSONValue] = []
      for (index, element) in list.values.enumerated() {
        elements.append(try value(element, field: "\(field)[\(index)]"))
      }
      return .array(elements)
    case .object(let object):
      return try self.object(field, object.extensions) { (extensions, builder) throws(Failure) in
        try builder.extensions(extensions)
      }
    case nil:
      throw Failure.malformed("EXTENSION_WITHOUT_VALUE", field: field, "an extension has exactly one kind of value")
    }
  }
}
