package import EPCIS
import Primitives
package import Wire

extension Cairn_V1_TraceResponse {
  /// A whole answer as JSON. Nodes and events are numbered by their place in the lists, from 0; times are RFC 3339.
  package var json: JSONValue {
    get throws(Failure) {
      var members: [JSONValue.Member] = [
        .init("item", .text(summary.item)), .init("logSize", .number(summary.logSize)),
        .init("direction", .text(TraceWords.word(summary.direction))),
        .init("maximumDepth", .number(summary.maximumDepth)), .init("maximumNodes", .number(summary.maximumNodes)),
      ]
      if summary.hasAsOf { members.append(.init("asOf", summary.asOf.json)) }
      if summary.hasKnownAt { members.append(.init("knownAt", summary.knownAt.json)) }
      members += [
        .init("nodes", .array(nodes.map(\.json))), .init("edges", .array(edges.map(\.json))),
        .init("stubs", .array(stubs.map(\.json))),
        .init("events", .array(try events.map { event throws(Failure) in try event.json })),
        .init("consulted", .array(try consulted.map { event throws(Failure) in try event.json })),
        .init("described", .array(described.map(\.json))),
      ]
      return .object(members)
    }
  }
}

extension Cairn_V1_TracedEvent {
  /// The event as `RecordedEvent` has it, and whether it counts.
  package var json: JSONValue {
    get throws(Failure) {
      guard case .object(let members) = try recorded.json else { return .null }
      return .object([.init("standing", .text(TraceWords.word(standing)))] + members)
    }
  }
}

extension Cairn_V1_TimeBound {
  fileprivate var json: JSONValue { .text("\(Instant(microseconds: microseconds))") }
}

extension Cairn_V1_TimeWindow {
  fileprivate var json: JSONValue {
    .object((hasFrom ? [.init("from", from.json)] : []) + (hasBefore ? [.init("before", before.json)] : []))
  }
}

extension Cairn_V1_TraceNode {
  fileprivate var json: JSONValue {
    .object([
      .init("kind", .text(TraceWords.word(kind))), .init("id", .text(id)), .init("depth", .number(depth)),
      .init("windows", .array(windows.map(\.json))), .init("events", .array(events.map { .number($0) })),
    ])
  }
}

extension Cairn_V1_TraceEdge {
  fileprivate var json: JSONValue {
    .object([
      .init("kind", .text(TraceWords.word(kind))), .init("fromNode", .number(fromNode)),
      .init("toNode", .number(toNode)), .init("spans", .array(spans.map(\.json))),
    ])
  }
}

extension Cairn_V1_TraceSpan {
  fileprivate var json: JSONValue {
    var members: [JSONValue.Member] = [.init("during", during.json), .init("openedBy", .number(openedBy))]
    if case .closedBy(let number) = end { members.append(.init("closedBy", .number(number))) }
    if !quantities.isEmpty { members.append(.init("quantities", .array(quantities.map(\.json)))) }
    return .object(members)
  }
}

extension Cairn_V1_TraceQuantity {
  /// An amount; the number is text, as it was written.
  var json: JSONValue {
    .object([.init("number", .text(number))] + (uom.isEmpty ? [] : [.init("uom", .text(uom))]))
  }
}

extension Cairn_V1_TraceStub {
  fileprivate var json: JSONValue {
    .object([.init("node", .number(node)), .init("reason", .text(TraceWords.word(reason)))])
  }
}
