/// A thing that a trace came to, once, however many ways lead to it.
package struct TraceNode: Hashable, Sendable {
  /// What sort of thing it is.
  package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// An item, lot or class.
    case item
    /// A place that something is associated with; not followed further unless it was asked for.
    case place
    /// A business transaction; not followed further unless it was asked for.
    case transaction
    /// Joins all inputs to all outputs; does not count as depth.
    case transformation
  }

  /// What sort of thing it is.
  package let kind: Kind
  /// The canonical identifier; of a transformation its transformationID, empty where its one event has none.
  package let id: String
  /// How few links lead to it from what was asked for; of a transformation, to its far side.
  package let depth: Int
  /// When what happened to it matters to the question: ascending, disjoint, not touching. Empty in transformations.
  package let windows: [TimeRange]
  /// What happened to it in its windows and what begins and ends its edges, as ascending numbers in the trace's events. What
  /// it inherits from its containers is not repeated: see `Trace.history(of:)`.
  package let events: [Int]

  /// A node with its events.
  package init(kind: Kind, id: String, depth: Int, windows: [TimeRange], events: [Int]) {
    self.kind = kind
    self.id = id
    self.depth = depth
    self.windows = windows
    self.events = events
  }
}
