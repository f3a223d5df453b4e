package import Primitives
import Yams

/// One value of a YAML document, with its path for whoever has to find it.
package struct Field {
  /// For example `members[1].country`.
  package let path: String
  private let node: Node

  private init(path: String, node: Node) {
    self.path = path
    self.node = node
  }

  /// The whole of a document.
  package init(document text: String) throws(Failure) {
    try AnchorScan.check(text)
    do {
      guard let node = try Parser(yaml: text, resolver: .basic).singleRoot() else {
        throw Failure(.malformed, "INVALID_YAML", "the file is empty")
      }
      self.init(path: "", node: node)
    } catch let failure as Failure {
      throw failure
    } catch let error as YamlError {
      throw Failure(.malformed, "INVALID_YAML", error.words)
    } catch {
      throw Failure(.malformed, "INVALID_YAML", "not YAML")
    }
  }

  /// The line it begins at, from 1.
  package var line: Int { node.mark?.line ?? 1 }

  /// A failure that says where.
  package func malformed(_ reason: String, _ description: String) -> Failure {
    var failure = Failure.malformed(reason, field: path, description)
    failure.message = "line \(line): \(failure.message)"
    return failure
  }

  /// The values under `names`; any other name is refused.
  package func mapping(_ names: [String]) throws(Failure) -> [String: Field] {
    guard case .mapping(let mapping) = node else {
      throw malformed("NOT_A_MAPPING", "names and values expected: \(names.joined(separator: ", "))")
    }
    var fields: [String: Field] = [:]
    for (name, value) in mapping {
      let key = name.scalar?.string ?? ""
      let field = Field(path: path.isEmpty ? key : "\(path).\(key)", node: value)
      guard names.contains(key) else {
        throw Field(path: field.path, node: name).malformed(
          "UNKNOWN_FIELD", "not known here; known are \(names.joined(separator: ", "))")
      }
      fields[key] = field
    }
    return fields
  }

  /// The values of a list of at most `limit`.
  package func list(atMost limit: Int) throws(Failure) -> [Field] {
    guard case .sequence(let sequence) = node else { throw malformed("NOT_A_LIST", "a list expected") }
    guard sequence.count <= limit else {
      throw malformed("TOO_MANY", "\(sequence.count) of them; at most \(limit)")
    }
    return sequence.enumerated().map { Field(path: "\(path)[\($0.offset)]", node: $0.element) }
  }

  /// The text of a single value.
  package func text() throws(Failure) -> String {
    guard case .scalar(let scalar) = node else { throw malformed("NOT_TEXT", "a single value expected") }
    return scalar.string
  }
}

extension YamlError {
  /// What is wrong and where, on one line.
  fileprivate var words: String {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): \(problem)"
    case .duplicatedKeysInMapping(let names, let context):
      "line \(context.mark.line): \(names.joined(separator: ", ")) stands there twice"
    case .reader(let problem, _, _, _): problem
    default: "not YAML"
    }
  }
}

/// Refuses anchors and aliases before YAML is composed: a few lines of them can stand for more than any memory holds.
enum AnchorScan {
  /// Where an anchor or alias may begin: after blanks and the marks of YAML's structure. Inside of quotes and comments too,
  /// which costs somebody an unusual name and keeps this a scan.
  static func check(_ text: String) throws(Failure) {
    var previous = UInt8(ascii: "\n")
    var line = 1
    var bytes = text.utf8.makeIterator()
    var current = bytes.next()
    while let byte = current {
      current = bytes.next()
      if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"), opens(previous), let next = current, !isBlank(next) {
        throw Failure(
          .malformed, "INVALID_YAML",
          "line \(line): an anchor or alias, which are not read here; write the value itself (and in a name, \\x26 between "
            + "double quotes for &)")
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      previous = byte
    }
  }

  private static func opens(_ byte: UInt8) -> Bool {
    isBlank(byte) || byte >= 0x80 || "[]{},:?-\"'".utf8.contains(byte)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }
}
