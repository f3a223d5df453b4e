import Primitives
import Wire

/// JSON values as user extensions: any JSON, kept exactly.
package enum Extensions {
  /// Levels of lists and objects an extension's value may have.
  ///
  /// An object takes three levels of messages, and stock protobuf decoders refuse more than 100 in all.
  package static let maximumDepth = 24

  /// The value as a message; EXTENSION_TOO_DEEP beyond `maximumDepth` levels.
  static func value(_ node: JSONNode) throws(Failure) -> Cairn_V1_ExtensionValue {
    try value(node, depth: 0)
  }

  /// An object's members as a message.
  static func object(_ node: JSONNode) throws(Failure) -> Cairn_V1_Extensions {
    try object(node, depth: 1)
  }

  private static func value(_ node: JSONNode, depth: Int) throws(Failure) -> Cairn_V1_ExtensionValue {
    var message = Cairn_V1_ExtensionValue()
    switch node.value {
    case .null: message.null = .unspecified
    case .boolean(let flag): message.boolean = flag
    case .number(let number): message.number = number
    case .text(let text): message.text = text
    case .array:
      try check(node, depth: depth + 1)
      for element in try node.elements() { message.list.values.append(try value(element, depth: depth + 1)) }
      if message.kind == nil { message.list = Cairn_V1_ExtensionList() }
    case .object: message.object = try object(node, depth: depth + 1)
    }
    return message
  }

  private static func object(_ node: JSONNode, depth: Int) throws(Failure) -> Cairn_V1_Extensions {
    try check(node, depth: depth)
    var object = Cairn_V1_Extensions()
    for (name, member) in try node.members() {
      var property = Cairn_V1_Extension()
      property.name = name
      property.value = try value(member, depth: depth)
      object.extensions.append(property)
    }
    return object
  }

  private static func check(_ node: JSONNode, depth: Int) throws(Failure) {
    guard depth <= maximumDepth else {
      throw node.failure("EXTENSION_TOO_DEEP", "an extension has at most \(maximumDepth) levels of lists and objects")
    }
  }
}
