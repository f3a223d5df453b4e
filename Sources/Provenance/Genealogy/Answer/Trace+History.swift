import Primitives

extension Trace {
  /// What happened to a node: its own events, and those of what carried it at the time, through any number of levels. Numbers
  /// in `events`, ascending.
  ///
  /// What carries it are the nodes that it is contained in or associated with, places excepted.
  package func history(of node: Int) -> [Int] {
    var carried: [Int: Windows] = [:]
    var history = Set(nodes[node].events)
    var own = Windows()
    for window in nodes[node].windows { _ = own.insert(window.microseconds) }
    var frontier = [node: own]
    while let (child, windows) = frontier.popFirst() {
      for edge in edges(from: child) where edge.kind == .contained || edge.kind == .associated {
        guard nodes[edge.to].kind == .item else { continue }
        let held = edge.spans.reduce(into: Windows()) { held, span in
          _ = held.formUnion(windows.intersection(span.during.microseconds))
        }
        if carried[edge.to, default: Windows()].formUnion(held) { frontier[edge.to] = carried[edge.to] }
      }
    }
    for (carrier, windows) in carried {
      history.formUnion(nodes[carrier].events.filter { windows.contains(events[$0].time.microseconds) })
    }
    return history.sorted()
  }

  private func edges(from node: Int) -> ArraySlice<TraceEdge> {
    var low = 0
    var high = edges.count
    while low < high {
      let middle = (low + high) / 2
      if edges[middle].from < node { low = middle + 1 } else { high = middle }
    }
    return edges[low...].prefix { $0.from == node }
  }
}
