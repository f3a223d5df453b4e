import Foundation
import Primitives
import Provenance

/// Writes answers as the hand-drawn cases have them: by labels, not by places in the log.
struct TraceText {
  private let labels: [EventPlace: String]

  init(_ labels: [EventPlace: String]) { self.labels = labels }

  func lines(_ trace: Trace) -> [String] {
    let names = trace.nodes.map { name($0, trace) }
    var lines = zip(names, trace.nodes).map { name, node in
      let windows = node.kind == .transformation ? "" : windows(node.windows)
      return "\(name) (\(node.depth))\(windows): \(events(node.events, of: trace))".trimmingCharacters(in: .whitespaces)
    }
    lines += trace.edges.map { edge in
      let word = [.contained: "in", .associated: "on", .transformed: "->", .transacted: "of"][edge.kind] ?? ""
      let spans = edge.spans.map { span(edge.kind, $0, trace) }
      return "\(names[edge.from]) \(word) \(names[edge.to]) \(spans.joined(separator: ", "))"
    }
    lines += trace.stubs.map { "stub \(names[$0.node]) \($0.reason)" }
    if !trace.consulted.isEmpty {
      lines.append("consulted " + trace.consulted.map(label).sorted().joined(separator: " "))
    }
    return lines
  }

  func events(_ numbers: [Int], of trace: Trace) -> String {
    numbers.map { event(trace.events[$0]) }.joined(separator: " ")
  }

  private func event(_ event: TraceEvent) -> String {
    label(event.place) + ([.withdrawn: "~", .declaration: "!"][event.standing] ?? "")
  }

  private func label(_ place: EventPlace) -> String { labels[place] ?? "?" }

  private func name(_ node: TraceNode, _ trace: Trace) -> String {
    guard node.kind == .transformation else { return StoryVerbs.word(node.id) }
    return "#" + (node.id.isEmpty ? events(node.events, of: trace) : String(node.id.dropFirst("batch:".count)))
  }

  private func span(_ kind: TraceEdge.Kind, _ span: TraceSpan, _ trace: Trace) -> String {
    var text = kind == .transformed ? "" : Self.range(span.during) + " "
    text += event(trace.events[span.openedBy])
    if let closed = span.closedBy { text += "-" + event(trace.events[closed]) }
    return ([text] + span.quantities.map(quantity)).joined(separator: " ")
  }

  private func quantity(_ quantity: TraceQuantity) -> String { quantity.number + quantity.uom }

  private func windows(_ windows: [TimeRange]) -> String {
    windows == [TimeRange()] ? "" : " " + windows.map(Self.range).joined(separator: " ")
  }

  /// In seconds: `3` for an instant, `1..3` with and `1..<3` without its end.
  private static func range(_ range: TimeRange) -> String {
    let from = range.from.map { "\($0.microseconds / 1_000_000)" } ?? ""
    guard let before = range.before else { return "\(from).." }
    let last = "\(before.microseconds / 1_000_000)"
    let isInclusive = before.microseconds % 1_000_000 == 1
    return isInclusive && from == last ? from : "\(from)..\(isInclusive ? "" : "<")\(last)"
  }
}

extension TraceText {
  func lines(_ state: ItemState) -> [String] {
    var lines = ["events: " + state.events.map(event).joined(separator: " ")]
    if let place = state.place {
      lines.append("\(place.isReadPoint ? "seen at" : "at") \(StoryVerbs.word(place.id)): \(event(place.event))")
    }
    if let disposition = state.disposition { lines.append("is \(value(disposition))") }
    lines += state.persistentDispositions.map { "set \(value($0))" }
    lines += state.parents.map { "in \(link($0))" }
    lines += state.children.map { "holds \(link($0))" }
    lines += state.transactions.map { "of \(link($0))" }
    if let possessor = state.possessor { lines.append("possessed by \(value(possessor))") }
    if let owner = state.owner { lines.append("owned by \(value(owner))") }
    lines.append("member \(state.lastMember?.description ?? "nobody")")
    if !state.quantities.isEmpty { lines.append("amount " + state.quantities.map(quantity).joined(separator: " ")) }
    if let created = state.createdBy { lines.append("created by \(event(created))") }
    if let ended = state.endedBy { lines.append("ended by \(event(ended))") }
    if state.hidesEvents { lines.append("hides events") }
    if state.isCutOff { lines.append("is cut off") }
    return lines
  }

  private func value(_ value: StatedValue) -> String {
    let word = value.value.split(separator: "-").last.map(String.init) ?? value.value
    return "\(StoryVerbs.word(word)): \(event(value.event))"
  }

  private func link(_ link: StatedLink) -> String {
    ([StoryVerbs.word(link.id), event(link.since)] + link.quantities.map(quantity)).joined(separator: " ")
  }
}
