import Primitives
import Wire

/// A field outside the standard is in the event, and its value is as wanted.
struct FieldCondition: EventCondition {
  private let part: Cairn_V1_FieldPart
  private let isInner: Bool
  private let name: FieldName?
  private let test: FieldTest

  init(_ wire: Cairn_V1_FieldCondition) throws(Failure) {
    if case .UNRECOGNIZED(let number) = wire.part {
      throw .malformed("UNKNOWN_FIELD_PART", field: "part", "\(number) is no part of an event")
    }
    part = wire.part
    isInner = wire.inner
    test = try FieldTest(wire.test)
    name = try FieldName(wire.name)
    guard name != nil || wire.test == nil else {
      throw .malformed("MISSING_FIELD", field: "name", "is empty: a value is compared of a field with a name")
    }
  }

  func holds(for event: ValidatedEvent) -> Bool {
    let event = event.event
    return part.extensions(of: event).contains { list in
      list.contains { isInner ? holds(inside: $0.value, event.contexts) : holds($0, event.contexts) }
    }
  }

  private func holds(_ field: Cairn_V1_Extension, _ contexts: [Cairn_V1_Context]) -> Bool {
    name?.matches(field.name, in: contexts) != false && test.holds(for: field.value)
  }

  /// Values are at most 24 levels deep.
  private func holds(inside value: Cairn_V1_ExtensionValue, _ contexts: [Cairn_V1_Context]) -> Bool {
    switch value.kind {
    case .list(let list): list.values.contains { holds(inside: $0, contexts) }
    case .object(let object):
      object.extensions.contains { holds($0, contexts) || holds(inside: $0.value, contexts) }
    case .text, .number, .boolean, .null, nil: false
    }
  }
}

extension Cairn_V1_FieldPart {
  /// The lists of extension fields that an event has there.
  fileprivate func extensions(of event: Cairn_V1_Event) -> [[Cairn_V1_Extension]] {
    switch self {
    case .unspecified: [event.extensions]
    case .ilmd: event.hasIlmd ? [event.ilmd.extensions] : []
    case .errorDeclaration: event.hasErrorDeclaration ? [event.errorDeclaration.extensions] : []
    case .readPoint: event.hasReadPoint ? [event.readPoint.extensions] : []
    case .bizLocation: event.hasBizLocation ? [event.bizLocation.extensions] : []
    case .sensorElement: event.sensorElementList.elements.map(\.extensions)
    case .sensorMetadata: event.sensorElementList.elements.map(\.metadata.extensions)
    case .sensorReport: event.sensorElementList.elements.flatMap { $0.reports.map(\.extensions) }
    case .UNRECOGNIZED: []
    }
  }
}
