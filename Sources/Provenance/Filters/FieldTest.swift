import Primitives
import Wire

/// What the value of an extension field must be; of a list some element.
enum FieldTest: Sendable {
  case exists
  case texts(Set<String>)
  case number(NumberComparison)
  case time(Cairn_V1_Comparison, Instant)

  init(_ wire: Cairn_V1_FieldCondition.OneOf_Test?) throws(Failure) {
    switch wire {
    case nil: self = .exists
    case .texts(let texts):
      guard !texts.values.isEmpty else {
        throw .malformed("MISSING_FIELD", field: "texts.values", "is empty: name at least one text")
      }
      self = .texts(try FilterValues.texts("texts.values", texts.values))
    case .number(let number): self = .number(try at("number") { () throws(Failure) in try NumberComparison(number) })
    case .time(let time):
      self = .time(
        try FilterValues.comparison("time.comparison", time.comparison),
        try FilterValues.instant("time.microseconds", time.microseconds))
    }
  }

  func holds(for value: Cairn_V1_ExtensionValue) -> Bool {
    if case .exists = self { return true }
    switch value.kind {
    case .text(let text): return holds(for: text)
    case .number(let text): return holds(for: text)
    case .boolean(let flag): return holds(for: flag ? "true" : "false")
    case .list(let list): return list.values.contains { holds(for: $0) }
    case .object(let object):
      return object.extensions.last { $0.name == "@value" }.map { holds(for: $0.value) } ?? false
    case .null, nil: return false
    }
  }

  private func holds(for text: String) -> Bool {
    switch self {
    case .exists: true
    case .texts(let texts): texts.contains(text)
    case .number(let comparison): WrittenNumber(text).map(comparison.holds) ?? false
    case .time(let comparison, let instant):
      (try? Timestamp(text).instant).map { comparison.holds($0, instant) } ?? false
    }
  }
}
