/// What joins two nodes of a trace.
package struct TraceEdge: Hashable, Sendable {
  /// How they are joined.
  package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// From a child to the parent that it is in.
    case contained
    /// From a child to the parent or place that it is associated with.
    case associated
    /// From an input to its transformation, and from a transformation to its output.
    case transformed
    /// From an item to a business transaction, or to the parent that a transaction event names.
    case transacted
  }

  /// How they are joined.
  package let kind: Kind
  /// The number of the node that it leads from.
  package let from: Int
  /// The number of the node that it leads to.
  package let to: Int
  /// When it held, ascending.
  package let spans: [TraceSpan]

  /// An edge between two nodes.
  package init(kind: Kind, from: Int, to: Int, spans: [TraceSpan]) {
    self.kind = kind
    self.from = from
    self.to = to
    self.spans = spans
  }
}

/// A time for which an edge held, with an amount that did not change.
package struct TraceSpan: Hashable, Sendable {
  /// When it held; without an end where nothing ended it. What held at an instant only, lasts one microsecond.
  package let during: TimeRange
  /// How much of a lot or class; several where there are several units; empty for one thing and where it is not known.
  package let quantities: [TraceQuantity]
  /// The number of the event that began it.
  package let openedBy: Int
  /// The number of the event that ended it or changed the amount; nil where nothing did, or it held at an instant.
  package let closedBy: Int?

  /// A time with the events that bound it.
  package init(during: TimeRange, quantities: [TraceQuantity], openedBy: Int, closedBy: Int?) {
    self.during = during
    self.quantities = quantities
    self.openedBy = openedBy
    self.closedBy = closedBy
  }
}

/// An exact amount of a lot or class.
package struct TraceQuantity: Hashable, Sendable {
  /// A decimal number: as the event has it, or a sum without exponent and superfluous zeros.
  package let number: String
  /// UN/CEFACT Recommendation 20; empty: a count.
  package let uom: String

  /// So much of a unit.
  package init(number: String, uom: String) {
    self.number = number
    self.uom = uom
  }
}
