import Primitives
import Wire

/// A `HASATTR_` or `EQATTR_` parameter: master data of something that the event names has an attribute, and its value is as
/// wanted (EPCIS 2.0.1, section 8.2.7.1).
struct AttributeCondition: DescribedCondition {
  private let part: Cairn_V1_DescribedPart
  /// Of the extension field that names it.
  private let extensionName: FieldName?
  private let names: [AttributeName]
  private let test: FieldTest

  let field = "attributes"

  init(_ wire: Cairn_V1_AttributeCondition) throws(Failure) {
    if case .UNRECOGNIZED(let number) = wire.part {
      throw .malformed("UNKNOWN_DESCRIBED_PART", field: "part", "\(number) is no part of an event that names something")
    }
    part = wire.part
    extensionName = try FieldName(wire.field, field: "field")
    guard (part == .unspecified) == (extensionName != nil) else {
      throw part == .unspecified
        ? .malformed("MISSING_FIELD", field: "field", "is empty, and part is too: one of them says where it is named")
        : .malformed("MISPLACED_FIELD", field: "field", "has no place beside part")
    }
    names = try Self.names(wire.names)
    test = try FieldTest(wire.fieldTest)
  }

  private static func names(_ texts: [String]) throws(Failure) -> [AttributeName] {
    guard !texts.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "names", "is empty: name at least one attribute")
    }
    try FilterValues.count("names", texts.count)
    var names: [AttributeName] = []
    for (index, text) in texts.enumerated() {
      names.append(try at("names[\(index)]") { () throws(Failure) in try AttributeName(text) })
    }
    return names
  }

  func holds(for event: ValidatedEvent) -> Bool? { named(in: event).isEmpty ? false : nil }

  func holds(for event: ValidatedEvent, by source: inout some MasterDataSource) throws -> Bool {
    for text in named(in: event) {
      let subjects = (try? Identifier(text))?.subjects ?? []
      for name in names {
        if try value(of: name, subjects, by: &source).contains(where: test.holds) { return true }
      }
    }
    return false
  }

  /// The attribute in the closest description that has it.
  private func value(
    of name: AttributeName, _ subjects: [String], by source: inout some MasterDataSource
  ) throws -> [Cairn_V1_ExtensionValue] {
    for subject in subjects {
      let values = try source.masterData(of: subject).map(name.values) ?? []
      if !values.isEmpty { return values }
    }
    return []
  }

  /// What the event names there, in any spelling.
  private func named(in event: ValidatedEvent) -> [String] {
    switch part {
    case .readPoint: event.readPoint.map { [$0] } ?? []
    case .bizLocation: event.bizLocation.map { [$0] } ?? []
    case .source: event.event.sourceList.sources.map(\.source)
    case .destination: event.event.destinationList.destinations.map(\.destination)
    case .epcClass: event.items.filter(\.isQuantity).map(\.canonical)
    case .unspecified: extensionTexts(of: event.event)
    case .UNRECOGNIZED: []
    }
  }

  private func extensionTexts(of event: Cairn_V1_Event) -> [String] {
    guard let names = extensionName?.spellings(in: event.contexts) else { return [] }
    return event.extensions.filter { names.contains($0.name) }.flatMap { $0.value.references }
  }
}

extension Cairn_V1_AttributeCondition {
  fileprivate var fieldTest: Cairn_V1_FieldCondition.OneOf_Test? {
    switch test {
    case .texts(let texts): .texts(texts)
    case .number(let number): .number(number)
    case .time(let time): .time(time)
    case nil: nil
    }
  }
}

extension Cairn_V1_ExtensionValue {
  /// The texts that may be identifiers: itself, the elements of a list, the `@id` of an object.
  fileprivate var references: [String] {
    switch kind {
    case .text(let text): [text]
    case .list(let list): list.values.flatMap(\.references)
    case .object(let object): object.extensions.last { $0.name == "@id" }?.value.references ?? []
    case .number, .boolean, .null, nil: []
    }
  }
}
