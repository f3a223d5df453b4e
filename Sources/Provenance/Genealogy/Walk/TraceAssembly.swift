import Primitives

/// Puts what a walk found into a trace.
struct TraceAssembly {
  private var walk: Walk
  private var windows: [WalkNode.ID: Windows] = [:]
  private var lists: [WalkNode.ID: Set<Int>] = [:]
  private var spans: [Link: [LinkSpan]] = [:]
  private var needed: Set<Int>

  private struct Link: Hashable {
    let kind: TraceEdge.Kind
    let from: WalkNode.ID
    let to: WalkNode.ID
  }

  init(_ walk: Walk) throws(Failure) {
    self.walk = walk
    needed = walk.reasons
    for (id, node) in walk.nodes { windows[id] = node.life.all }
    for id in walk.nodes.keys { list(id) }
    for id in walk.nodes.keys { try join(id) }
  }

  /// What happened to a thing in its windows, with the declarations that withdrew it; all events of a transformation.
  private mutating func list(_ id: WalkNode.ID) {
    switch id {
    case .hub(let hub): lists[id] = Set(walk.knowledge.hubs.entries[hub].events)
    case .thing(let name):
      guard walk.isFollowed(name), let windows = windows[id], let known = walk.knowledge.known(of: name) else { return }
      var list = Set(known.events.filter { windows.contains(walk.knowledge.time(of: $0)) })
      list.formUnion(list.compactMap { walk.knowledge.events.declarations[$0] })
      lists[id] = list
    }
  }

  private mutating func join(_ id: WalkNode.ID) throws(Failure) {
    switch id {
    case .hub(let hub): for event in walk.knowledge.hubs.entries[hub].events { join(hub, event) }
    case .thing(let name):
      guard let windows = windows[id] else { return }
      for (pair, events) in try walk.knowledge.parents(of: name) {
        let all = walk.knowledge.spans(of: pair, events)
        if walk.isFollowed(name) { addEndings(id, pair, all) }
        guard let parent = walk.nodes[.thing(pair.parent)] else { continue }
        let contents = parent.contents.all
        let held = all.filter { windows.overlaps($0.range) || contents.overlaps($0.range) }
        if !held.isEmpty { add(held, Link(kind: pair.kind, from: id, to: parent.id)) }
      }
    }
  }

  private mutating func add(_ held: [LinkSpan], _ link: Link) {
    spans[link] = held
    let bounds = held.flatMap { [$0.opened, $0.closed] }.compactMap(\.self)
    lists[link.from, default: []].formUnion(bounds.filter(walk.knowledge.isShared))
    lists[link.to, default: []].formUnion(bounds)
  }

  /// What took a thing out of something without naming it happened to it like any other event.
  private mutating func addEndings(_ id: WalkNode.ID, _ pair: Knowledge.Pair, _ spans: [LinkSpan]) {
    let endings = walk.knowledge.sharedEndings(spans, in: windows[id] ?? Windows())
    guard !endings.isEmpty else { return }
    lists[id, default: []].formUnion(endings)
    needed.formUnion(walk.knowledge.deciding(pair))
  }

  private mutating func join(_ hub: Int, _ event: Int) {
    guard let joined = walk.knowledge.links(of: event) else { return }
    let time = walk.knowledge.time(of: event)
    for name in joined.below where windows[.thing(name)]?.contains(time) == true {
      let span = LinkSpan(
        range: .at(time), opened: event, closed: nil, quantities: stated(joined.quantitiesBelow[name]))
      spans[Link(kind: .transformed, from: .thing(name), to: .hub(hub)), default: []].append(span)
    }
    for name in joined.above where windows[.thing(name)]?.contains(time) == true {
      let span = LinkSpan(
        range: .at(time), opened: event, closed: nil, quantities: stated(joined.quantitiesAbove[name]))
      spans[Link(kind: .transformed, from: .hub(hub), to: .thing(name)), default: []].append(span)
    }
  }

  private func stated(_ quantities: [TraceQuantity]?) -> [TraceQuantity] { Amount(quantities ?? []).quantities }
}

extension TraceAssembly {
  /// The trace, everything in its order.
  mutating func trace() -> Trace {
    let listed = lists.values.reduce(into: Set()) { $0.formUnion($1) }
    let events = walk.knowledge.ordered(Array(listed))
    var eventNumbers: [Int: Int] = [:]
    for (index, event) in events.enumerated() { eventNumbers[event] = index }
    let nodes = nodes(eventNumbers)
    var nodeNumbers: [WalkNode.ID: Int] = [:]
    for (index, node) in nodes.enumerated() { nodeNumbers[node.id] = index }
    let entries = walk.knowledge.events.entries
    return Trace(
      nodes: nodes.map(\.node), edges: edges(nodeNumbers, eventNumbers), stubs: stubs(nodes.map(\.id)),
      events: events.map { entries[$0].traced },
      consulted: walk.knowledge.consulted(besides: listed, needed: needed).map { entries[$0].placed.place }.sorted())
  }

  private func nodes(_ eventNumbers: [Int: Int]) -> [(id: WalkNode.ID, node: TraceNode)] {
    let root = WalkNode.ID.thing(walk.root)
    let nodes = walk.nodes.map { id, node in
      let events = (lists[id] ?? []).compactMap { eventNumbers[$0] }.sorted()
      let windows = (windows[id]?.ranges ?? []).map { TimeRange($0) }
      return (
        id: id,
        node: TraceNode(kind: kind(id), id: text(id), depth: node.depth, windows: windows, events: events)
      )
    }
    return nodes.sorted { left, right in
      guard left.id != root, right.id != root else { return left.id == root && right.id != root }
      let first = (left.node.depth, left.node.kind.rawValue, left.node.id)
      let second = (right.node.depth, right.node.kind.rawValue, right.node.id)
      return first == second ? left.node.events.lexicographicallyPrecedes(right.node.events) : first < second
    }
  }

  private func kind(_ id: WalkNode.ID) -> TraceNode.Kind {
    switch id {
    case .thing(let name): walk.knowledge.kind(of: name)
    case .hub: .transformation
    }
  }

  private func text(_ id: WalkNode.ID) -> String {
    switch id {
    case .thing(let name): walk.knowledge.names.texts[name]
    case .hub(let hub): walk.knowledge.hubs.entries[hub].id
    }
  }

  private func edges(_ nodes: [WalkNode.ID: Int], _ events: [Int: Int]) -> [TraceEdge] {
    let edges = spans.compactMap { link, spans -> TraceEdge? in
      guard let from = nodes[link.from], let to = nodes[link.to] else { return nil }
      let traced = spans.compactMap { span -> TraceSpan? in
        guard let opened = events[span.opened] else { return nil }
        return TraceSpan(
          during: TimeRange(span.range), quantities: span.quantities, openedBy: opened,
          closedBy: span.closed.flatMap { events[$0] })
      }
      return TraceEdge(kind: link.kind, from: from, to: to, spans: traced.sorted { $0.openedBy < $1.openedBy })
    }
    return edges.sorted { ($0.from, $0.to, $0.kind.rawValue) < ($1.from, $1.to, $1.kind.rawValue) }
  }

  private func stubs(_ nodes: [WalkNode.ID]) -> [TraceStub] {
    nodes.enumerated().flatMap { index, id in
      var reasons = known(id)
      if walk.tooDeep.contains(id) { reasons.append(.depthLimit) }
      if walk.crowded.contains(id) { reasons.append(.nodeLimit) }
      return reasons.sorted { $0.rawValue < $1.rawValue }.map { TraceStub(node: index, reason: $0) }
    }
  }

  /// What the source could not or would not say; of places and transactions only whether it said all it has.
  private func known(_ id: WalkNode.ID) -> [TraceStub.Reason] {
    switch id {
    case .hub(let hub):
      let entry = walk.knowledge.hubs.entries[hub]
      return (entry.hidesEvents ? [.forbidden] : []) + (entry.isCutOff ? [.eventLimit] : [])
    case .thing(let name):
      guard let known = walk.knowledge.known(of: name) else { return [] }
      let cut: [TraceStub.Reason] = known.isCutOff ? [.eventLimit] : []
      guard walk.isFollowed(name) else { return cut }
      guard !known.events.isEmpty else { return [.unknown] }
      return (known.hidesEvents ? [.forbidden] : []) + cut
    }
  }
}
