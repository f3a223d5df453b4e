import Primitives
import Wire

/// Bounds the user extensions of one event; what they say is not our business.
struct ExtensionRules {
  private var nodeCount = 0

  /// Checks extensions at the top of a standard object.
  mutating func check(_ field: String, _ extensions: [Cairn_V1_Extension]) throws(Failure) {
    for (index, item) in extensions.enumerated() {
      try at("\(field)[\(index)]") { () throws(Failure) in
        try checkName(item.name)
        try checkValue(item, depth: 0)
      }
    }
  }

  /// Checks the terms of JSON-LD contexts and their addresses.
  mutating func check(_ contexts: [Cairn_V1_Context]) throws(Failure) {
    try Rules.count("contexts", contexts.count)
    for (index, context) in contexts.enumerated() {
      try at("contexts[\(index)]") { () throws(Failure) in
        switch context.kind {
        case .url(let url): try Rules.uri("url", url)
        case .terms(let terms): try checkMembers("terms.extensions", terms.extensions, depth: 1)
        case nil: throw Failure.malformed("MISSING_FIELD", field: "", "is neither a URL nor an object of terms")
        }
      }
    }
  }

  /// A property stands for a URI: a CURIE, a URI, or a term that a context defines.
  private func checkName(_ name: String) throws(Failure) {
    try Rules.text("name", name)
    let bytes = name.utf8
    guard !bytes.isEmpty, bytes.first != UInt8(ascii: ":"), bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw .malformed(
        "INVALID_EXTENSION_NAME", field: "name", "is neither a CURIE, for example example:colour, nor a URI or term")
    }
  }

  private mutating func checkMembers(
    _ field: String, _ members: [Cairn_V1_Extension], depth: Int
  ) throws(Failure) {
    for (index, member) in members.enumerated() {
      try at("\(field)[\(index)]") { () throws(Failure) in
        try Rules.text("name", member.name)
        try checkValue(member, depth: depth)
      }
    }
  }

  private mutating func checkValue(_ item: Cairn_V1_Extension, depth: Int) throws(Failure) {
    guard item.hasValue else { throw Failure.malformed("MISSING_FIELD", field: "value", "is missing") }
    let value = item.value
    try at("value") { () throws(Failure) in try check(value, depth: depth) }
  }

  private mutating func check(_ value: Cairn_V1_ExtensionValue, depth: Int) throws(Failure) {
    nodeCount += 1
    guard nodeCount <= EventLimits.extensionNodeCount else {
      throw .malformed(
        "TOO_MANY_EXTENSIONS", field: "",
        "the event has more than \(EventLimits.extensionNodeCount) values in its extensions")
    }
    switch value.kind {
    case .text(let text): try Rules.text("text", text, limit: EventLimits.extensionTextByteCount)
    case .number(let number): try Rules.number("number", number)
    case .boolean, .null(.unspecified): break
    case .null(.UNRECOGNIZED): throw .malformed("INVALID_NULL", field: "null", "has one value only")
    case .list(let list):
      try checkDepth(depth + 1)
      for (index, element) in list.values.enumerated() {
        try at("list.values[\(index)]") { () throws(Failure) in try check(element, depth: depth + 1) }
      }
    case .object(let object):
      try checkDepth(depth + 1)
      try checkMembers("object.extensions", object.extensions, depth: depth + 1)
    case nil: throw .malformed("MISSING_FIELD", field: "", "is a value of no kind")
    }
  }

  private func checkDepth(_ depth: Int) throws(Failure) {
    guard depth <= EventLimits.extensionDepth else {
      throw .malformed(
        "EXTENSION_TOO_DEEP", field: "", "has more than \(EventLimits.extensionDepth) levels of lists and objects")
    }
  }
}
