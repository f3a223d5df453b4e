import Primitives
import Wire

/// The JSON-LD contexts in force at some place: those of the document, then those of the event.
///
/// No context is ever fetched. What GS1's own context defines is known; what an object in the file defines is read; any
/// other URL is taken at its word.
struct ContextSet: Sendable {
  private(set) var contexts: [Cairn_V1_Context] = []
  /// Where each context stood.
  private(set) var pointers: [String] = []
  private var terms: Set<String> = []
  private var definesEveryTerm = false
  /// The first context that is neither GS1's nor in the file.
  private(set) var foreignURL: String?

  /// Adds an `@context`: a URL, an object, or a list of both (JSON-LD 1.1 section 3.1).
  mutating func add(_ node: JSONNode) throws(Failure) {
    guard case .array = node.value else { return try addOne(node) }
    for element in try node.elements() { try addOne(element) }
  }

  /// Whether a context in the file defines this term.
  func defines(_ term: String) -> Bool { definesEveryTerm || terms.contains(term) }

  private mutating func addOne(_ node: JSONNode) throws(Failure) {
    var context = Cairn_V1_Context()
    switch node.value {
    case .text:
      context.url = try node.text()
      if foreignURL == nil, !StandardVocabulary.isStandardContext(context.url) { foreignURL = context.url }
    case .object:
      context.terms = try Extensions.object(node)
      for (name, term) in try node.members() { define(name, term.value) }
    default:
      throw node.failure("WRONG_TYPE", "a context is a URL or an object, not \(node.value.kind)")
    }
    contexts.append(context)
    pointers.append(node.pointer.description)
  }

  private mutating func define(_ name: String, _ value: JSONValue) {
    if name == "@vocab" {
      definesEveryTerm = value != .null
    } else if value == .null {
      terms.remove(name)
    } else if !name.hasPrefix("@") {
      terms.insert(name)
    }
  }
}
