import Foundation
import Ledger
import Primitives
import Provenance
import SwiftProtobuf
import Wire

/// An answer as it is given: in parts of about 256 KiB, each made after the last was taken.
struct TraceAnswer {
  static let partBytes = 256 << 10
  /// Spans of an edge in one part.
  private static let spansAtOnce = 64

  let trace: Trace
  let consulted: [TraceEvent]
  /// The places and parties that its events name, then its nodes, each once.
  let names: [String]
  private(set) var events: TraceEvents
  private var part = Part()

  /// The answer to `question` from the state that `source` read.
  init(_ trace: Trace, from source: LedgerEventSource) {
    self.trace = trace
    let known = source.events
    consulted = trace.consulted.compactMap { place in
      known[place].map { TraceEvent(place: place, time: $0.placed.event.eventTime, standing: .effective) }
    }
    events = TraceEvents(source, at: (trace.events + consulted).map(\.place))
    var seen: Set<String> = []
    let events = trace.events.lazy.flatMap { known[$0.place]?.placed.event.event.namesOfPlacesAndParties ?? [] }
    names = events.filter { seen.insert($0).inserted } + trace.nodes.map(\.id).filter { seen.insert($0).inserted }
  }

  /// Hands on every part; with `wholeEvents` the events themselves too, and behind them what describes the names.
  mutating func give(
    _ summary: Cairn_V1_TraceSummary, wholeEvents: Bool, described: [Cairn_V1_MasterDataEntry],
    to emit: (Cairn_V1_TraceResponse) async throws -> Void
  ) async throws {
    part.summary = summary
    for node in trace.nodes {
      part.nodes.append(node.wire)
      try await grow(16 + node.id.utf8.count + 3 * node.events.count + 24 * node.windows.count, emit)
    }
    for edge in trace.edges { try await give(edge, to: emit) }
    for stub in trace.stubs {
      part.stubs.append(stub.wire)
      try await grow(8, emit)
    }
    try await give(trace.events, whole: wholeEvents, to: emit) { $0.events.append($1) }
    try await give(consulted, whole: wholeEvents, to: emit) { $0.consulted.append($1) }
    for entry in described {
      part.described.append(entry)
      try await grow(try BatchBuilder.serialize(entry).count, emit)
    }
    if part.bytes > 0 { try await emit(part.wire) }
  }

  private mutating func give(
    _ edge: TraceEdge, to emit: (Cairn_V1_TraceResponse) async throws -> Void
  ) async throws {
    for start in stride(from: 0, to: max(1, edge.spans.count), by: Self.spansAtOnce) {
      let spans = edge.spans[start..<min(start + Self.spansAtOnce, edge.spans.count)]
      part.edges.append(edge.wire(spans))
      let amounts = spans.flatMap(\.quantities).reduce(0) { $0 + 8 + $1.number.utf8.count + $1.uom.utf8.count }
      try await grow(12 + 28 * spans.count + amounts, emit)
    }
  }

  private mutating func give(
    _ events: [TraceEvent], whole: Bool, to emit: (Cairn_V1_TraceResponse) async throws -> Void,
    add: (inout Part, Cairn_V1_TracedEvent) -> Void
  ) async throws {
    for start in stride(from: 0, to: events.count, by: TraceEvents.pageEvents) {
      let page = events[start..<min(start + TraceEvents.pageEvents, events.count)]
      for event in try await self.events.traced(page, whole: whole) {
        add(&part, event.event)
        try await grow(event.bytes, emit)
      }
    }
  }

  private mutating func grow(_ count: Int, _ emit: (Cairn_V1_TraceResponse) async throws -> Void) async throws {
    part.bytes += count
    guard part.bytes >= Self.partBytes else { return }
    try await emit(part.wire)
    part = Part()
  }
}

/// A part while it grows. The message itself would copy a whole list for each element that it is given.
private struct Part {
  var summary: Cairn_V1_TraceSummary?
  var nodes: [Cairn_V1_TraceNode] = []
  var edges: [Cairn_V1_TraceEdge] = []
  var stubs: [Cairn_V1_TraceStub] = []
  var events: [Cairn_V1_TracedEvent] = []
  var consulted: [Cairn_V1_TracedEvent] = []
  var described: [Cairn_V1_MasterDataEntry] = []
  /// About how many there are.
  var bytes = 0

  var wire: Cairn_V1_TraceResponse {
    .with {
      if let summary { $0.summary = summary }
      $0.nodes = nodes
      $0.edges = edges
      $0.stubs = stubs
      $0.events = events
      $0.consulted = consulted
      $0.described = described
    }
  }
}
