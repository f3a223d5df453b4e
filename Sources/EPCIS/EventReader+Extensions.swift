import Primitives
import Wire

extension EventReader {
  /// An object whose members are all user extensions, such as `ilmd`.
  mutating func userExtensions(_ node: JSONNode) throws(Failure) -> [Cairn_V1_Extension] {
    var extensions: [Cairn_V1_Extension] = []
    for (name, member) in try node.members() { extensions.append(try userExtension(name, member)) }
    return extensions
  }

  /// A member outside the standard; UNKNOWN_FIELD where nothing can define its name.
  mutating func userExtension(_ name: String, _ node: JSONNode) throws(Failure) -> Cairn_V1_Extension {
    if !name.contains(":"), !contexts.defines(name) {
      guard let url = contexts.foreignURL, StandardVocabulary.spelling(of: name) == nil, !name.hasPrefix("@") else {
        throw unknown(name, node)
      }
      warnings.append(
        EPCISWarning(
          reason: "TERM_NOT_CHECKED", pointer: node.pointer.description,
          message: "kept as a user extension; only \(url), which was not fetched, can say what it means"))
    }
    return try property(name, node)
  }

  func property(_ name: String, _ node: JSONNode) throws(Failure) -> Cairn_V1_Extension {
    var property = Cairn_V1_Extension()
    property.name = name
    property.value = try Extensions.value(node)
    return property
  }

  /// UNKNOWN_FIELD, with the most likely cause.
  func unknown(_ name: String, _ node: JSONNode) -> Failure {
    let cause =
      switch StandardVocabulary.spelling(of: name) {
      case name?: "the standard has no such field here"
      case let spelling?: "the standard spells it \(spelling)"
      case nil where name.contains(":"): "the standard allows no extensions here"
      case nil:
        "it is not of the standard and no context defines it; give an extension a prefix, as in example:\(name.prefix(64))"
      }
    return node.failure("UNKNOWN_FIELD", cause)
  }
}
