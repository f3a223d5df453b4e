package import Primitives
package import Wire

/// What events that are put in order at once are ordered by: event time, or an extension field (EPCIS 2.0.1, section
/// 8.2.7.1, orderBy). Of one key the order is that of the ledger; events without the field come last, whichever way.
package struct EventOrder: Sendable {
  /// What an event is ordered by. Numbers come before times, and these before texts.
  package enum Key: Comparable, Sendable {
    case number(WrittenNumber)
    case time(Instant)
    /// By the code points of its canonical form.
    case text(String)
    /// The event has no such field, or nothing in it that could be ordered.
    case missing
  }

  /// Nil for event time.
  private let field: FieldName?

  /// Nil where the order is that of the ledger. Malformed UNKNOWN_ORDER at `order_by`, CONFLICTING_ORDERS at
  /// `order_by_field`, or what is wrong with the field's name.
  package init?(_ request: Cairn_V1_QueryEventsRequest) throws(Failure) {
    field = try FieldName(request.orderByField, field: "order_by_field")
    guard request.orderBy == .unspecified || field == nil else {
      throw .malformed("CONFLICTING_ORDERS", field: "order_by_field", "cannot be asked for together with order_by")
    }
    switch request.orderBy {
    case .unspecified where field == nil: return nil
    case .unspecified, .eventTime: break
    case .UNRECOGNIZED(let number):
      throw .malformed("UNKNOWN_ORDER", field: "order_by", "\(number) is no order; leave it out or use EVENT_TIME")
    }
  }

  /// Whether events are ordered by event time.
  package var isByTime: Bool { field == nil }

  /// What a valid event is ordered by.
  package func key(of event: Cairn_V1_Event) -> Key {
    guard let field else { return .time(Instant(microseconds: event.eventTime.microseconds)) }
    let names = field.spellings(in: event.contexts)
    return event.extensions.first { names.contains($0.name) }.map { Key($0.value) } ?? .missing
  }

  /// Whether an event comes before another of a later place, or of another key.
  package func precedes<Place: Comparable>(
    _ left: (key: Key, place: Place), _ right: (key: Key, place: Place), isDescending: Bool
  ) -> Bool {
    if (left.key == .missing) != (right.key == .missing) { return right.key == .missing }
    return isDescending ? left > right : left < right
  }

  /// Puts events, which come in the order of the ledger, in this order.
  package func sorted<Element>(
    _ elements: [Element], isDescending: Bool, by event: (Element) -> Cairn_V1_Event
  ) -> [Element] {
    elements.enumerated().map { ((key: key(of: event($0.element)), place: $0.offset), $0.element) }
      .sorted { precedes($0.0, $1.0, isDescending: isDescending) }.map(\.1)
  }
}

extension EventOrder.Key {
  /// As the values of fields are compared: numbers and times may be texts, a list stands for its first element.
  fileprivate init(_ value: Cairn_V1_ExtensionValue) {
    switch value.kind {
    case .text(let text), .number(let text):
      if let number = WrittenNumber(text) {
        self = .number(number)
      } else if let time = try? Timestamp(text).instant {
        self = .time(time)
      } else {
        self = .text(text)
      }
    case .boolean(let flag): self = .text(flag ? "true" : "false")
    case .list(let list): self = list.values.first.map { Self($0) } ?? .missing
    case .object(let object):
      self = object.extensions.last { $0.name == "@value" }.map { Self($0.value) } ?? .missing
    case .null, nil: self = .missing
    }
  }
}
