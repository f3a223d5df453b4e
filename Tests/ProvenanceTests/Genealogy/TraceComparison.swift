import Primitives
import Provenance
import Testing
import Wire

/// Compares a trace with what the plain rules give.
struct TraceComparison {
  private let naive: NaiveGenealogy
  private let trace: Trace
  private let labels: [EventPlace: String]
  private let name: String

  init(_ naive: NaiveGenealogy, _ trace: Trace, _ labels: [EventPlace: String], _ name: String) {
    self.naive = naive
    self.trace = trace
    self.labels = labels
    self.name = name
  }

  func check() {
    let things = trace.nodes.filter { $0.kind != .transformation }
    let depths = Dictionary(things.map { ($0.id, $0.depth) }, uniquingKeysWith: { first, _ in first })
    #expect(depths == naive.depths, "\(name)")
    #expect(hubs == Set(naive.hubs.map { $0[0] }), "\(name)")
    for node in things { check(node) }
    checkContainment()
    checkDepthLimits()
  }

  private var hubs: Set<String> {
    Set(trace.nodes.filter { $0.kind == .transformation }.map { $0.id.isEmpty ? label($0.events[0]) : $0.id })
  }

  private func label(_ event: Int) -> String { labels[trace.events[event].place] ?? "?" }

  private func covers(_ windows: [TimeRange], _ instant: Int) -> Bool {
    windows.contains { $0.contains(Instant(microseconds: Int64(instant) * 500_000)) }
  }

  private func check(_ node: TraceNode) {
    for instant in NaiveGenealogy.instants {
      #expect(covers(node.windows, instant) == naive.matters(node.id, instant), "\(name): \(node.id) at \(instant)")
    }
    let number = trace.nodes.firstIndex(of: node)
    let edges = trace.edges.filter { $0.from == number || $0.to == number }
    let bounds = Set(edges.flatMap(\.spans).flatMap { [$0.openedBy, $0.closedBy] }.compactMap(\.self).map(label))
    let declarations = Set(trace.events.filter { $0.standing == .declaration }.compactMap { labels[$0.place] })
    let happened = naive.listed.filter {
      naive.isFollowed(node.id) && names($0, node.id) && naive.matters(node.id, $0.time)
    }
    let listed = Set(node.events.map(label))
    #expect(listed.isSuperset(of: happened.map(\.label)), "\(name): \(node.id)")
    let endings = Set(naive.listed.filter { !$0.emptied.isEmpty && $0.kind != .transacted }.map(\.label))
    #expect(
      listed.subtracting(happened.map(\.label)).isSubset(of: bounds.union(declarations).union(endings)),
      "\(name): \(node.id)")
    #expect(listed.isSuperset(of: bounds.subtracting(ofOneSide)), "\(name): \(node.id)")
  }

  /// Events that bound edges of things that they do not name.
  private var ofOneSide: Set<String> {
    let events = naive.listed.filter {
      $0.event.type == .transformation || $0.kind == .transacted && !$0.emptied.isEmpty
    }
    return Set(events.map(\.label))
  }

  private func names(_ event: NaiveGenealogy.Event, _ id: String) -> Bool {
    event.items.contains(id)
      || event.kind == .transacted
        && event.event.bizTransactionList.bizTransactions.contains { $0.bizTransaction == id }
  }

  private func checkContainment() {
    var drawn: [NaiveGenealogy.Link: [TimeRange]] = [:]
    for edge in trace.edges where edge.kind != .transformed {
      let link = NaiveGenealogy.Link(
        child: trace.nodes[edge.from].id, parent: trace.nodes[edge.to].id, kind: edge.kind)
      drawn[link] = edge.spans.map(\.during)
    }
    let all = naive.links.values.reduce(into: Set()) { $0.formUnion($1) }
    #expect(all.isSuperset(of: drawn.keys), "\(name)")
    for link in all where naive.depths[link.child] != nil && naive.depths[link.parent] != nil {
      for (instant, links) in naive.links {
        let holds = links.contains(link)
        let matters = naive.matters(link.child, instant) || naive.isHeld(link.parent, instant)
        let isDrawn = covers(drawn[link] ?? [], instant)
        #expect(!isDrawn || holds, "\(name): \(link) at \(instant)")
        #expect(isDrawn || !holds || !matters, "\(name): \(link) at \(instant)")
      }
    }
    checkTransformations()
  }

  private func checkTransformations() {
    var drawn: Set<[String]> = []
    for edge in trace.edges where edge.kind == .transformed {
      let isInput = trace.nodes[edge.to].kind == .transformation
      let thing = trace.nodes[isInput ? edge.from : edge.to].id
      for span in edge.spans { drawn.insert([thing, label(span.openedBy), isInput ? "in" : "out"]) }
    }
    var expected: Set<[String]> = []
    for event in naive.events where event.event.type == .transformation && hubs.contains(NaiveGenealogy.hub(event)) {
      for id in event.event.inputEpcList.items where naive.matters(id, event.time) {
        expected.insert([id, event.label, "in"])
      }
      for id in event.event.outputEpcList.items where naive.matters(id, event.time) {
        expected.insert([id, event.label, "out"])
      }
    }
    #expect(drawn == expected, "\(name)")
  }

  /// An event that names nobody is not looked for where nothing is followed any more: then more limits may be told than
  /// there are.
  private func checkDepthLimits() {
    let told = Set(trace.stubs.filter { $0.reason == .depthLimit }.map { trace.nodes[$0.node].id })
    #expect(told.isSuperset(of: naive.tooDeep), "\(name)")
    if naive.events.allSatisfy(\.emptied.isEmpty) { #expect(told == naive.tooDeep, "\(name)") }
  }
}
