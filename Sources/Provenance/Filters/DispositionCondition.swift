import Primitives
import Wire

/// The event sets, or unsets, one of these dispositions.
struct DispositionCondition: EventCondition {
  /// What becomes of the disposition.
  enum Change: Sendable {
    case set, unset
  }

  private let change: Change
  private let dispositions: Set<String>

  /// Nil where nothing is asked.
  init?(_ change: Change, _ field: String, _ texts: [String]) throws(Failure) {
    guard !texts.isEmpty else { return nil }
    self.change = change
    dispositions = try FilterValues.values(field, texts, of: .disposition)
  }

  func holds(for event: ValidatedEvent) -> Bool {
    guard event.event.hasPersistentDisposition else { return false }
    let persistent = event.event.persistentDisposition
    let list = change == .set ? persistent.set : persistent.unset
    return list.values.contains { Vocabulary.contains(dispositions, $0, of: .disposition) }
  }
}

extension Vocabulary {
  /// Whether a value, in any spelling, is among canonical ones.
  static func contains(_ canonical: Set<String>, _ text: String, of vocabulary: Vocabulary) -> Bool {
    (try? self.canonical(text, of: vocabulary)).map(canonical.contains) == true
  }
}
