import Primitives
package import Wire

/// A trace as people read it: a tree of things, each with where it was, when, and who says so.
package struct TraceDrawing: Sendable {
  /// Deeper than any trace goes.
  private static let maximumDepth = 256
  private static let maximumStays = 12
  private static let maximumSpans = 3

  /// A line to be drawn at its time: a thing, under those prefixes.
  private struct Pending {
    let branch: TraceTree.Branch?
    let above: Int?
    let prefix: String
    let isLast: Bool
    let depth: Int
  }

  private let trace: Cairn_V1_TraceResponse
  private let style: Style
  private let width: Int
  private let stubs: [Int: [Cairn_V1_TraceStub]]
  private let names: SubjectNames
  private let withdrawn: Set<Stay.Claim>

  /// A whole answer, its parts put together, events included; 100 columns wide where `width` is nil. No name is cut.
  package init(_ trace: Cairn_V1_TraceResponse, style: Style, width: Int?) {
    self.trace = trace
    self.style = style
    self.width = width ?? 100
    stubs = Dictionary(grouping: trace.stubs) { Int($0.node) }
    names = SubjectNames(trace.described)
    withdrawn = Set(trace.events.filter { $0.standing == .withdrawn }.map(Stay.Claim.init))
  }

  /// The lines, from what was asked for on.
  package func lines() -> [String] {
    guard !trace.nodes.isEmpty else { return heading }
    let tree = TraceTree(trace)
    var lines = heading + [""]
    var pending = [Pending(branch: nil, above: nil, prefix: "", isLast: true, depth: 0)]
    while let next = pending.popLast() {
      let node = next.branch?.node ?? 0
      let below = next.branch == nil ? "" : next.prefix + (next.isLast ? "   " : "│  ")
      let isLeaf = next.branch?.isReference == true || next.depth == Self.maximumDepth
      let branches = isLeaf ? [] : tree.branches[node]
      lines += title(next)
      if next.branch?.isReference != true {
        lines += facts(node, under: below + (branches.isEmpty ? "  " : "│ "))
      }
      for (index, branch) in branches.enumerated().reversed() {
        pending.append(
          Pending(
            branch: branch, above: node, prefix: below, isLast: index == branches.count - 1, depth: next.depth + 1))
      }
    }
    return lines
  }

  private var heading: [String] {
    let summary = trace.summary
    var words = [
      trace.nodes.count.counted("node"), trace.edges.count.counted("link"), trace.events.count.counted("event"),
      "log size \(summary.logSize.grouped)",
    ]
    if summary.hasAsOf { words.append("as of \(TraceTimes.minute(summary.asOf.microseconds))") }
    if summary.hasKnownAt { words.append("as known at \(TraceTimes.minute(summary.knownAt.microseconds))") }
    return [
      style(.heading, summary.item.visible), style(.faint, words.joined(separator: " · ") + " · times are UTC"),
    ]
  }

  /// The line of a thing, or two where its times do not fit beside its name.
  private func title(_ pending: Pending) -> [String] {
    guard let branch = pending.branch else { return [style(.accent, "● ") + name(0)] }
    let lead = pending.prefix + (pending.isLast ? "└─ " : "├─ ")
    let node = pending.above.map { trace.nodes[$0].kind == .transformation } ?? false
    let relation = branch.relation(belowTransformation: node)
    let times = branch.isReference ? words(branch.edge) + " (above)" : words(branch.edge)
    let taken = lead.displayWidth + relation.displayWidth + 1 + plainName(branch.node).displayWidth + 2
    let title = style(.faint, lead + relation) + " " + name(branch.node)
    if taken + times.displayWidth <= width { return [title + "  " + style(.faint, times)] }
    let under = pending.prefix + (pending.isLast ? "   " : "│  ")
    return [title, style(.faint, (under + "  " + times).fitted(to: width))]
  }

  private func plainName(_ number: Int) -> String {
    let node = trace.nodes[number]
    if node.kind == .transformation { return node.id.isEmpty ? "a transformation" : ItemName.short(node.id).visible }
    return names.label(node.id).visible
  }

  private func name(_ number: Int) -> String {
    style(trace.nodes[number].kind == .transformation ? .accent : .heading, plainName(number))
  }

  /// How much and when.
  private func words(_ edge: Cairn_V1_TraceEdge) -> String {
    var words = edge.spans.prefix(Self.maximumSpans).map { span in
      [TraceTimes.amount(span.quantities), TraceTimes.words(span)].filter { !$0.isEmpty }.joined(separator: " ")
    }
    if edge.spans.count > Self.maximumSpans {
      words.append("and \((edge.spans.count - Self.maximumSpans).grouped) more times")
    }
    return words.joined(separator: "; ").visible
  }

  /// Where a thing was, and where the trace ends.
  private func facts(_ number: Int, under prefix: String) -> [String] {
    let node = trace.nodes[number]
    let events = node.events.compactMap { trace.events.indices.contains(Int($0)) ? trace.events[Int($0)] : nil }
    var lines = stays(events).map { line, role in
      let text = line.visible.fitted(to: max(16, width - prefix.displayWidth))
      return style(.faint, prefix) + (role.map { style($0, text) } ?? text)
    }
    for stub in stubs[number] ?? [] {
      lines.append(style(.faint, prefix) + style(.warning, TraceWords.stub(stub.reason, trace.summary)))
    }
    return lines
  }

  private func stays(_ events: [Cairn_V1_TracedEvent]) -> [(text: String, role: Style.Role?)] {
    let all = Stay.all(of: events, besides: withdrawn, names).map { (text: $0.text, role: $0.role) }
    guard all.count > Self.maximumStays else { return all }
    let half = Self.maximumStays / 2
    let left = all.count - 2 * half
    return Array(all.prefix(half)) + [("… \(left.grouped) more; cairn history tells all", nil)]
      + Array(all.suffix(half))
  }
}
