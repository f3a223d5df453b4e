import Primitives

/// Follows links level by level until nothing new is found: what is reached, and when it matters, depends on no order.
struct Walk {
  /// What is followed.
  struct Rules {
    let facets: [Facet]
    /// Not only what carries the item, but also transformations, contents and transactions.
    let followsEverything: Bool
    let maximumDepth: Int
    let maximumNodes: Int
  }

  /// The number of the name that is asked for; it is the first node.
  let root: Int
  var knowledge: Knowledge
  private(set) var nodes: [WalkNode] = []
  /// The nodes, by their numbers, from which more would follow than may be followed, and than there is room for.
  private(set) var tooDeep: Set<Int> = []
  private(set) var crowded: Set<Int> = []
  /// The events that say that more would follow from there.
  private(set) var reasons: Set<Int> = []
  private var numbers: [WalkNode.ID: Int] = [:]
  private let rules: Rules

  /// A node as it was when a level began, and what it is in.
  private struct Step {
    let number: Int
    let name: Int
    let life: Relevance
    let contents: Relevance
    let parents: [(pair: Knowledge.Pair, events: [Int])]
  }

  init(from item: String, _ knowledge: Knowledge, _ rules: Rules) {
    self.knowledge = knowledge
    self.rules = rules
    root = self.knowledge.number(of: item)
  }

  mutating func run(in source: inout some EventSource) async throws {
    try await knowledge.load([root], from: &source)
    var proposal = Proposal()
    for facet in rules.facets {
      proposal.life[facet] = .always
      if rules.followsEverything { proposal.contents[facet] = .always }
    }
    var frontier = admit([root: proposal], depth: 0)
    for depth in 1...rules.maximumDepth where !frontier.isEmpty {
      frontier = try await advance(frontier, to: depth, in: &source)
    }
    try markDepthLimits(frontier)
    for number in tooDeep.union(crowded) { try addReasons(number) }
  }

  /// One level: what the frontier leads to, from its relevance at the beginning; the nodes that are new or matter longer.
  private mutating func advance(
    _ frontier: Set<Int>, to depth: Int, in source: inout some EventSource
  ) async throws -> Set<Int> {
    let steps = try steps(frontier)
    let crossings = cross(hubs(from: steps), depth)
    try await knowledge.load(hubs: crossings.map(\.hub), from: &source)
    var proposals = try contents(of: steps)
    for crossing in crossings { propose(crossing, &proposals) }
    let reached = admit(proposals, depth: depth)
    let carriers = room > 0 ? steps.flatMap { $0.parents.map(\.pair.parent) } : []
    try await knowledge.load(reached.compactMap { nodes[$0].name } + carriers, from: &source)
    return reached.union(admit(self.carriers(of: steps), depth: depth))
  }

  private mutating func steps(_ frontier: Set<Int>) throws(Failure) -> [Step] {
    var steps: [Step] = []
    for number in frontier {
      let node = nodes[number]
      guard let name = node.name, isFollowed(name) else { continue }
      let parents = try knowledge.parents(of: name).filter { rules.followsEverything || $0.key.kind != .transacted }
      steps.append(
        Step(
          number: number, name: name, life: node.life, contents: node.contents,
          parents: parents.map { ($0.key, $0.value) }))
    }
    return steps
  }

  private var room: Int { rules.maximumNodes - nodes.count }

  /// Places and transactions are followed only where they are what was asked for.
  func isFollowed(_ name: Int) -> Bool { name == root || knowledge.kind(of: name) == .item }

  /// The number of the node; nil where the walk did not come to it.
  func number(of id: WalkNode.ID) -> Int? { numbers[id] }

  private mutating func append(_ node: WalkNode) -> Int {
    numbers[node.id] = nodes.count
    nodes.append(node)
    return nodes.count - 1
  }

  /// Takes in what there is room for, by identifier; returns what is new or matters longer.
  private mutating func admit(_ proposals: [Int: Proposal], depth: Int) -> Set<Int> {
    var grown: Set<Int> = []
    var new: [Int] = []
    for (name, proposal) in proposals {
      guard let number = numbers[.thing(name)] else {
        new.append(name)
        continue
      }
      let livesLonger = nodes[number].life.formUnion(proposal.life)
      if nodes[number].contents.formUnion(proposal.contents) || livesLonger { grown.insert(number) }
    }
    if new.count > room { new.sort { knowledge.names.texts[$0] < knowledge.names.texts[$1] } }
    let room = room
    for (index, name) in new.enumerated() {
      guard let proposal = proposals[name] else { continue }
      if index < room {
        let node = WalkNode(id: .thing(name), depth: depth, life: proposal.life, contents: proposal.contents)
        grown.insert(append(node))
      } else {
        crowded.formUnion(proposal.origins)
      }
    }
    return grown
  }
}

extension Walk {
  /// A transformation, and the way through it.
  private struct Crossing: Hashable {
    let hub: Int
    let facet: Facet
  }

  /// The transformations that the steps lead into and that nothing went through this way before, and who leads there.
  private func hubs(from steps: [Step]) -> [Crossing: [Int]] {
    guard rules.followsEverything else { return [:] }
    var hubs: [Crossing: [Int]] = [:]
    for step in steps {
      for facet in rules.facets {
        let ways = facet == .back ? knowledge.producers(of: step.name) : knowledge.consumers(of: step.name)
        for (hub, time) in ways where step.life[facet].contains(time) {
          if let number = numbers[.hub(hub)], nodes[number].facets.contains(facet) { continue }
          hubs[Crossing(hub: hub, facet: facet), default: []].append(step.number)
        }
      }
    }
    return hubs
  }

  /// Goes through those that there is room for.
  private mutating func cross(_ hubs: [Crossing: [Int]], _ depth: Int) -> [Crossing] {
    let new = Set(hubs.keys.map(\.hub)).filter { numbers[.hub($0)] == nil }
    let admitted = new.count > room ? Array(inOrder(new).prefix(room)) : Array(new)
    for hub in admitted { _ = append(WalkNode(id: .hub(hub), depth: depth)) }
    var crossings: [Crossing] = []
    for (crossing, origins) in hubs {
      if let number = numbers[.hub(crossing.hub)] {
        nodes[number].facets.insert(crossing.facet)
        crossings.append(crossing)
      } else {
        crowded.formUnion(origins)
      }
    }
    return crossings
  }

  /// Transformations by identifier; those without one by their events.
  private mutating func inOrder(_ hubs: Set<Int>) -> [Int] {
    let entries = knowledge.hubs.entries
    let anonymous = hubs.filter { entries[$0].id.isEmpty }
    let events = knowledge.ordered(anonymous.map { entries[$0].events[0] })
    return events.compactMap(knowledge.hubs.hub)
      + hubs.subtracting(anonymous).sorted { entries[$0].id < entries[$1].id }
  }

  /// Inputs matter up to when they went in, outputs from when they came out; what is in them, at that instant.
  private func propose(_ crossing: Crossing, _ proposals: inout [Int: Proposal]) {
    guard let origin = numbers[.hub(crossing.hub)] else { return }
    for event in knowledge.hubs.entries[crossing.hub].events {
      guard let joined = knowledge.links(of: event) else { continue }
      let time = knowledge.time(of: event)
      let life = crossing.facet == .back ? Int64.min..<time + 1 : time ..< .max
      for name in crossing.facet == .back ? joined.below : joined.above {
        proposals[name, default: Proposal()].life.insert(life, crossing.facet)
        proposals[name, default: Proposal()].contents.insert(.at(time), crossing.facet)
        proposals[name, default: Proposal()].origins.append(origin)
      }
    }
  }

  /// What was in the steps while their contents matter: back up to when it left, forward from when it came.
  private mutating func contents(of steps: [Step]) throws(Failure) -> [Int: Proposal] {
    var proposals: [Int: Proposal] = [:]
    for step in steps where !step.contents.all.isEmpty {
      for (pair, events) in try knowledge.children(of: step.name) {
        let spans = knowledge.spans(of: pair, events)
        for facet in rules.facets {
          for range in spans.flatMap({ step.contents[facet].intersection($0.range).ranges }) {
            let life = facet == .back ? .min..<range.upperBound : range.lowerBound ..< .max
            proposals[pair.child, default: Proposal()].life.insert(life, facet)
            proposals[pair.child, default: Proposal()].contents.insert(range, facet)
            proposals[pair.child, default: Proposal()].origins.append(step.number)
          }
        }
      }
    }
    return proposals
  }

  /// What the steps were in while they matter.
  private mutating func carriers(of steps: [Step]) -> [Int: Proposal] {
    var proposals: [Int: Proposal] = [:]
    for step in steps {
      for (pair, events) in step.parents {
        let spans = knowledge.spans(of: pair, events)
        for facet in rules.facets {
          for range in spans.flatMap({ step.life[facet].intersection($0.range).ranges }) {
            proposals[pair.parent, default: Proposal()].life.insert(range, facet)
            proposals[pair.parent, default: Proposal()].origins.append(step.number)
          }
        }
      }
    }
    return proposals
  }
}

extension Walk {
  /// Marks the nodes from which more would follow.
  private mutating func markDepthLimits(_ frontier: Set<Int>) throws(Failure) {
    let steps = try steps(frontier)
    for origins in hubs(from: steps).values { tooDeep.formUnion(origins) }
    for step in steps {
      for proposals in [try contents(of: [step]), carriers(of: [step])] where proposals.contains(where: isNews) {
        tooDeep.insert(step.number)
      }
    }
  }

  private func isNews(_ name: Int, _ proposal: Proposal) -> Bool {
    guard let number = numbers[.thing(name)] else { return true }
    return !nodes[number].life.contains(proposal.life) || !nodes[number].contents.contains(proposal.contents)
  }

  /// What joins a node to what was not followed.
  private mutating func addReasons(_ number: Int) throws(Failure) {
    guard let name = nodes[number].name else { return }
    let links = try (knowledge.parents(of: name), nodes[number].life.all)
    let held = try (knowledge.children(of: name), nodes[number].contents.all)
    for (pairs, windows) in [links, held] {
      for (pair, events) in pairs
      where knowledge.spans(of: pair, events).contains(where: { windows.overlaps($0.range) }) {
        reasons.formUnion(knowledge.deciding(pair))
      }
    }
  }
}
