import Primitives

/// Puts what a walk found into a trace. Nodes and events go by the walk's numbers until the end.
struct TraceAssembly {
  private var walk: Walk
  private let windows: [Windows]
  private var lists: [[Int]]
  private var joints: [Joint] = []
  private var needed: Set<Int>

  /// A part of an edge.
  private struct Joint {
    let kind: TraceEdge.Kind
    let from: Int
    let to: Int
    let span: LinkSpan
  }

  init(_ walk: Walk) throws(Failure) {
    self.walk = walk
    needed = walk.reasons
    windows = walk.nodes.map(\.life.all)
    lists = Array(repeating: [], count: walk.nodes.count)
    for (number, node) in walk.nodes.enumerated() {
      switch node.id {
      case .hub(let hub): addTransformation(hub, number)
      case .thing(let name): try addThing(name, number)
      }
    }
  }

  /// All events of a transformation, and what they join.
  private mutating func addTransformation(_ hub: Int, _ number: Int) {
    let events = walk.knowledge.hubs.entries[hub].events
    lists[number] += events
    for event in events {
      guard let joined = walk.knowledge.links(of: event) else { continue }
      for name in joined.below {
        guard let input = end(name, event) else { continue }
        joints.append(joint(event, from: input, to: number, joined.quantitiesBelow[name]))
      }
      for name in joined.above {
        guard let output = end(name, event) else { continue }
        joints.append(joint(event, from: number, to: output, joined.quantitiesAbove[name]))
      }
    }
  }

  /// The node of a name, if it matters when the event happened.
  private func end(_ name: Int, _ event: Int) -> Int? {
    guard let number = walk.number(of: .thing(name)) else { return nil }
    return windows[number].contains(walk.knowledge.time(of: event)) ? number : nil
  }

  private func joint(_ event: Int, from: Int, to: Int, _ quantities: [TraceQuantity]?) -> Joint {
    let span = LinkSpan(
      range: .at(walk.knowledge.time(of: event)), opened: event, closed: nil,
      quantities: quantities.map { Amount($0).quantities } ?? [])
    return Joint(kind: .transformed, from: from, to: to, span: span)
  }

  /// What happened to a thing in its windows, with the declarations that withdrew it, and what it was in.
  private mutating func addThing(_ name: Int, _ number: Int) throws(Failure) {
    let windows = windows[number]
    let isFollowed = walk.isFollowed(name)
    if isFollowed {
      let events = walk.knowledge.known(of: name)?.events ?? []
      for event in events where windows.contains(walk.knowledge.time(of: event)) {
        lists[number].append(event)
        if let declaration = walk.knowledge.events.declarations[event] { lists[number].append(declaration) }
      }
    }
    for (pair, events) in try walk.knowledge.parents(of: name) {
      let spans = walk.knowledge.spans(of: pair, events)
      if isFollowed { addEndings(of: pair, spans, to: number) }
      guard let parent = walk.number(of: .thing(pair.parent)) else { continue }
      let contents = walk.nodes[parent].contents.all
      for span in spans where windows.overlaps(span.range) || contents.overlaps(span.range) {
        add(Joint(kind: pair.kind, from: number, to: parent, span: span))
      }
    }
  }

  /// What took a thing out of something without naming it happened to it like any other event.
  private mutating func addEndings(of pair: Knowledge.Pair, _ spans: [LinkSpan], to number: Int) {
    let endings = walk.knowledge.sharedEndings(spans, in: windows[number])
    guard !endings.isEmpty else { return }
    lists[number] += endings
    needed.formUnion(walk.knowledge.deciding(pair))
  }

  private mutating func add(_ joint: Joint) {
    joints.append(joint)
    for event in [joint.span.opened, joint.span.closed].compactMap(\.self) {
      lists[joint.to].append(event)
      if walk.knowledge.isShared(event) { lists[joint.from].append(event) }
    }
  }
}

extension TraceAssembly {
  /// The trace, everything in its order.
  mutating func trace() -> Trace {
    var listed: Set<Int> = []
    for list in lists { listed.formUnion(list) }
    let events = walk.knowledge.ordered(Array(listed))
    var eventNumbers = Array(repeating: 0, count: walk.knowledge.events.entries.count)
    for (index, event) in events.enumerated() { eventNumbers[event] = index }
    let (order, nodes) = nodes(eventNumbers)
    var nodeNumbers = Array(repeating: 0, count: order.count)
    for (index, number) in order.enumerated() { nodeNumbers[number] = index }
    let entries = walk.knowledge.events.entries
    let consulted = walk.knowledge.consulted(besides: listed, needed: needed)
    return Trace(
      nodes: nodes, edges: edges(nodeNumbers, eventNumbers), stubs: stubs(order),
      events: events.map { entries[$0].traced }, consulted: consulted.map { entries[$0].placed.place }.sorted())
  }

  /// The walk's numbers of the nodes in the trace's order, and the nodes in that order.
  private func nodes(_ eventNumbers: [Int]) -> (order: [Int], nodes: [TraceNode]) {
    let nodes = walk.nodes.enumerated().map { number, node in
      TraceNode(
        kind: kind(node.id), id: text(node.id), depth: node.depth,
        windows: windows[number].ranges.map { TimeRange($0) },
        events: Self.ascending(lists[number].map { eventNumbers[$0] }))
    }
    let order = nodes.indices.sorted { left, right in
      let first = (nodes[left].depth, nodes[left].kind.rawValue)
      let second = (nodes[right].depth, nodes[right].kind.rawValue)
      guard first == second else { return first < second }
      guard nodes[left].id == nodes[right].id else { return nodes[left].id < nodes[right].id }
      return nodes[left].events.lexicographicallyPrecedes(nodes[right].events)
    }
    return (order, order.map { nodes[$0] })
  }

  private static func ascending(_ numbers: [Int]) -> [Int] {
    var unique: [Int] = []
    unique.reserveCapacity(numbers.count)
    for number in numbers.sorted() where number != unique.last { unique.append(number) }
    return unique
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

  /// Parts of the same edge side by side, by what began them.
  private func edges(_ nodes: [Int], _ events: [Int]) -> [TraceEdge] {
    typealias Key = (from: Int, to: Int, kind: UInt8, opened: Int, joint: Int)
    let keys: [Key] = joints.enumerated().map { index, joint in
      (nodes[joint.from], nodes[joint.to], joint.kind.rawValue, events[joint.span.opened], index)
    }
    var edges: [TraceEdge] = []
    var spans: [TraceSpan] = []
    let sorted = keys.sorted { $0 < $1 }
    for (index, key) in sorted.enumerated() {
      let joint = joints[key.joint]
      spans.append(
        TraceSpan(
          during: TimeRange(joint.span.range), quantities: joint.span.quantities, openedBy: key.opened,
          closedBy: joint.span.closed.map { events[$0] }))
      let next = index + 1 < sorted.count ? sorted[index + 1] : nil
      if let next, (next.from, next.to, next.kind) == (key.from, key.to, key.kind) { continue }
      edges.append(TraceEdge(kind: joint.kind, from: key.from, to: key.to, spans: spans))
      spans = []
    }
    return edges
  }

  private func stubs(_ order: [Int]) -> [TraceStub] {
    order.enumerated().flatMap { index, number in
      var reasons = known(walk.nodes[number].id)
      if walk.tooDeep.contains(number) { reasons.append(.depthLimit) }
      if walk.crowded.contains(number) { reasons.append(.nodeLimit) }
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
