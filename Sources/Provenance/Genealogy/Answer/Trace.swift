/// Where an item came from and where it went: things, what joins them, what could not be followed, and the events that say so.
///
/// The same events give the same trace in whatever order they came into the log, apart from the places in it.
package struct Trace: Hashable, Sendable {
  /// What the question is about comes first; then ascending by depth, kind and identifier. Every thing once.
  package let nodes: [TraceNode]
  /// Ascending by `from`, `to` and kind; one for each pair of nodes and kind.
  package let edges: [TraceEdge]
  /// Ascending by node and reason.
  package let stubs: [TraceStub]
  /// The events of all nodes, ascending by event time, then in an order that their contents decide.
  package let events: [TraceEvent]
  /// Further events, of no node, that ended or never began a link: without them, the same question has another answer.
  /// Ascending.
  package let consulted: [EventPlace]

  /// A trace with its parts in order.
  package init(
    nodes: [TraceNode], edges: [TraceEdge], stubs: [TraceStub], events: [TraceEvent], consulted: [EventPlace]
  ) {
    self.nodes = nodes
    self.edges = edges
    self.stubs = stubs
    self.events = events
    self.consulted = consulted
  }
}
