package import Wire

/// A trace in the language of Graphviz, for `dot -Tsvg`.
package enum TraceDOT {
  /// The graph. Whatever texts hold, they are texts in it too.
  package static func text(_ trace: Cairn_V1_TraceResponse) -> String {
    var lines = [
      "digraph trace {", "  rankdir=LR;",
      "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];",
      "  edge [fontname=\"sans-serif\", fontsize=9];",
    ]
    let stubs = Dictionary(grouping: trace.stubs, by: \.node)
    let names = SubjectNames(trace.described)
    for (number, node) in trace.nodes.enumerated() {
      var label = [names.name(of: node.id), ItemName.short(node.id)].compactMap(\.self)
      if node.kind == .transformation, node.id.isEmpty { label = ["transformation"] }
      label += (stubs[UInt32(clamping: number)] ?? []).map { TraceWords.word($0.reason) }
      let look = look(node.kind) + (number == 0 ? ", penwidth=2" : "")
      lines.append("  n\(number) [label=\(quoted(label.joined(separator: "\n")))\(look)];")
    }
    for edge in trace.edges {
      let times = edge.spans.prefix(4).map { span in
        [TraceTimes.amount(span.quantities), TraceTimes.words(span)].filter { !$0.isEmpty }.joined(separator: " ")
      }
      let label = ([TraceWords.word(edge.kind).lowercased()] + times).joined(separator: "\n")
      let line = edge.kind == .transformed ? "" : ", style=dashed"
      lines.append("  n\(edge.fromNode) -> n\(edge.toNode) [label=\(quoted(label))\(line)];")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private static func look(_ kind: Cairn_V1_TraceNodeKind) -> String {
    switch kind {
    case .transformation: ", shape=ellipse"
    case .place: ", shape=house"
    case .transaction: ", shape=note"
    case .item, .unspecified, .UNRECOGNIZED: ""
    }
  }

  private static func quoted(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line).visible.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
    return "\"\(lines.joined(separator: "\\n"))\""
  }
}
