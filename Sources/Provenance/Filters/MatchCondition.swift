import Primitives
import Wire

/// A `MATCH_` parameter: some identifier in a part of the event is one of these, or has one of these forms.
struct MatchCondition: EventCondition {
  /// What part of an event is looked at.
  enum Part: Sendable {
    case epc, parent, inputEPC, outputEPC, anyEPC
    case epcClass, inputClass, outputClass, anyClass

    var isClass: Bool {
      switch self {
      case .epcClass, .inputClass, .outputClass, .anyClass: true
      case .epc, .parent, .inputEPC, .outputEPC, .anyEPC: false
      }
    }

    func holds(_ item: MentionedItem) -> Bool {
      guard item.isQuantity == isClass else { return false }
      return switch self {
      case .epc, .epcClass: item.role == .object || item.role == .child
      case .parent: item.role == .parent
      case .inputEPC, .inputClass: item.role == .input
      case .outputEPC, .outputClass: item.role == .output
      case .anyEPC, .anyClass: true
      }
    }
  }

  private let part: Part
  private let exact: Set<String>
  private let patterns: [IdentifierPattern]

  /// Nil where nothing is asked.
  init?(_ part: Part, _ field: String, _ texts: [String]) throws(Failure) {
    guard !texts.isEmpty else { return nil }
    try FilterValues.count(field, texts.count)
    self.part = part
    var exact: Set<String> = []
    var patterns: [IdentifierPattern] = []
    for (index, text) in texts.enumerated() {
      try at("\(field)[\(index)]") { () throws(Failure) in
        if let pattern = try IdentifierPattern(text, ofClasses: part.isClass) {
          patterns.append(pattern)
        } else {
          exact.insert(try Identifier(text).canonical)
        }
      }
    }
    self.exact = exact
    self.patterns = patterns
  }

  func holds(for event: ValidatedEvent) -> Bool {
    event.items.contains { item in
      part.holds(item)
        && (exact.contains(item.canonical) || patterns.contains { $0.matches(item.canonical) })
    }
  }

  var indexed: [IndexedValue]? { patterns.isEmpty ? exact.map { .item($0) } : nil }
}
