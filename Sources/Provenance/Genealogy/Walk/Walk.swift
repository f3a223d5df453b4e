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

  let root: Int
  var knowledge: Knowledge
  private(set) var nodes: [WalkNode.ID: WalkNode] = [:]
  private(set) var tooDeep: Set<WalkNode.ID> = []
  private(set) var crowded: Set<WalkNode.ID> = []
  /// What says that more would follow from there.
  private(set) var reasons: Set<Int> = []
  private let rules: Rules

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
    for id in tooDeep.union(crowded) { try addReasons(id) }
  }

  /// What joins a node to what was not followed.
  private mutating func addReasons(_ id: WalkNode.ID) throws(Failure) {
    guard let node = nodes[id], let name = node.name else { return }
    let links = try (knowledge.parents(of: name), node.life.all)
    let held = try (knowledge.children(of: name), node.contents.all)
    for (pairs, windows) in [links, held] {
      for (pair, events) in pairs
      where knowledge.spans(of: pair, events).contains(where: { windows.overlaps($0.range) }) {
        reasons.formUnion(knowledge.deciding(pair))
      }
    }
  }

  /// One level: what the frontier leads to, from its relevance at the beginning; the nodes that are new or matter longer.
  private mutating func advance(
    _ frontier: [WalkNode], to depth: Int, in source: inout some EventSource
  ) async throws -> [WalkNode] {
    let steps = frontier.filter(isFollowed)
    let crossings = cross(hubs(from: steps), depth)
    try await knowledge.load(hubs: crossings.map(\.hub), from: &source)
    var proposals = try contents(of: steps)
    for crossing in crossings { propose(crossing, &proposals) }
    let reached = admit(proposals, depth: depth)
    let things = reached.compactMap(\.name)
    let carriers = room > 0 ? try carrierNames(of: steps) : []
    try await knowledge.load(things + carriers, from: &source)
    let carrying = admit(try self.carriers(of: steps), depth: depth)
    return Set((reached + carrying).map(\.id)).compactMap { nodes[$0] }
  }

  private var room: Int { rules.maximumNodes - nodes.count }

  /// Places and transactions are followed only where they are what was asked for.
  func isFollowed(_ name: Int) -> Bool { name == root || knowledge.kind(of: name) == .item }

  private func isFollowed(_ node: WalkNode) -> Bool { node.name.map(isFollowed) == true }

  /// Takes in what there is room for, by identifier; returns what is new or matters longer.
  private mutating func admit(_ proposals: [Int: Proposal], depth: Int) -> [WalkNode] {
    var grown: [WalkNode] = []
    var new: [Int] = []
    for (name, proposal) in proposals {
      guard var node = nodes[.thing(name)] else {
        new.append(name)
        continue
      }
      let livesLonger = node.life.formUnion(proposal.life)
      if node.contents.formUnion(proposal.contents) || livesLonger {
        nodes[.thing(name)] = node
        grown.append(node)
      }
    }
    if new.count > room { new.sort { knowledge.names.texts[$0] < knowledge.names.texts[$1] } }
    let room = room
    for (index, name) in new.enumerated() {
      guard let proposal = proposals[name] else { continue }
      if index < room {
        let node = WalkNode(id: .thing(name), depth: depth, life: proposal.life, contents: proposal.contents)
        nodes[.thing(name)] = node
        grown.append(node)
      } else {
        crowded.formUnion(proposal.origins)
      }
    }
    return grown
  }
}

extension Walk {
  /// A transformation, and the way through it.
  struct Crossing: Hashable {
    let hub: Int
    let facet: Facet
  }

  /// The transformations that the steps lead into and that nothing went through this way before, and who leads there.
  private func hubs(from steps: [WalkNode]) -> [Crossing: [WalkNode.ID]] {
    guard rules.followsEverything else { return [:] }
    var hubs: [Crossing: [WalkNode.ID]] = [:]
    for step in steps {
      guard let name = step.name else { continue }
      for facet in rules.facets {
        let ways = facet == .back ? knowledge.producers(of: name) : knowledge.consumers(of: name)
        for (hub, time) in ways where step.life[facet].contains(time) {
          guard nodes[.hub(hub)]?.facets.contains(facet) != true else { continue }
          hubs[Crossing(hub: hub, facet: facet), default: []].append(step.id)
        }
      }
    }
    return hubs
  }

  /// Goes through those that there is room for.
  private mutating func cross(_ hubs: [Crossing: [WalkNode.ID]], _ depth: Int) -> [Crossing] {
    let new = Set(hubs.keys.map(\.hub)).filter { nodes[.hub($0)] == nil }
    var admitted = Array(new)
    if new.count > room { admitted = Array(inOrder(new).prefix(room)) }
    for hub in admitted { nodes[.hub(hub)] = WalkNode(id: .hub(hub), depth: depth) }
    var crossings: [Crossing] = []
    for (crossing, origins) in hubs {
      if nodes[.hub(crossing.hub)] != nil {
        nodes[.hub(crossing.hub)]?.facets.insert(crossing.facet)
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
    for event in knowledge.hubs.entries[crossing.hub].events {
      guard let joined = knowledge.links(of: event) else { continue }
      let time = knowledge.time(of: event)
      let life = crossing.facet == .back ? Int64.min..<time + 1 : time ..< .max
      for name in crossing.facet == .back ? joined.below : joined.above {
        var proposal = proposals.removeValue(forKey: name) ?? Proposal()
        _ = proposal.life.insert(life, crossing.facet)
        _ = proposal.contents.insert(.at(time), crossing.facet)
        proposal.origins.append(.hub(crossing.hub))
        proposals[name] = proposal
      }
    }
  }

  /// What was in the steps while their contents matter: back up to when it left, forward from when it came.
  private mutating func contents(of steps: [WalkNode]) throws(Failure) -> [Int: Proposal] {
    var proposals: [Int: Proposal] = [:]
    for step in steps where !step.contents.all.isEmpty {
      guard let name = step.name else { continue }
      for (pair, events) in try knowledge.children(of: name) {
        let spans = knowledge.spans(of: pair, events)
        for facet in rules.facets {
          for range in spans.flatMap({ step.contents[facet].intersection($0.range).ranges }) {
            let life = facet == .back ? .min..<range.upperBound : range.lowerBound ..< .max
            var proposal = proposals.removeValue(forKey: pair.child) ?? Proposal()
            _ = proposal.life.insert(life, facet)
            _ = proposal.contents.insert(range, facet)
            proposal.origins.append(step.id)
            proposals[pair.child] = proposal
          }
        }
      }
    }
    return proposals
  }

  private mutating func carrierNames(of steps: [WalkNode]) throws(Failure) -> [Int] {
    var names: [Int] = []
    for step in steps {
      guard let name = step.name else { continue }
      for pair in try knowledge.parents(of: name).keys where follows(pair.kind) { names.append(pair.parent) }
    }
    return names
  }

  /// What the steps were in while they matter.
  private mutating func carriers(of steps: [WalkNode]) throws(Failure) -> [Int: Proposal] {
    var proposals: [Int: Proposal] = [:]
    for step in steps {
      guard let name = step.name else { continue }
      for (pair, events) in try knowledge.parents(of: name) where follows(pair.kind) {
        let spans = knowledge.spans(of: pair, events)
        for facet in rules.facets {
          for range in spans.flatMap({ step.life[facet].intersection($0.range).ranges }) {
            var proposal = proposals.removeValue(forKey: pair.parent) ?? Proposal()
            _ = proposal.life.insert(range, facet)
            proposal.origins.append(step.id)
            proposals[pair.parent] = proposal
          }
        }
      }
    }
    return proposals
  }

  private func follows(_ kind: TraceEdge.Kind) -> Bool { rules.followsEverything || kind != .transacted }

  /// Marks the nodes from which more would follow.
  private mutating func markDepthLimits(_ frontier: [WalkNode]) throws(Failure) {
    let steps = frontier.filter(isFollowed)
    for origins in hubs(from: steps).values { tooDeep.formUnion(origins) }
    for step in steps {
      for proposals in [try contents(of: [step]), try carriers(of: [step])] where proposals.contains(where: isNews) {
        tooDeep.insert(step.id)
      }
    }
  }

  private func isNews(_ name: Int, _ proposal: Proposal) -> Bool {
    guard let node = nodes[.thing(name)] else { return true }
    return !node.life.contains(proposal.life) || !node.contents.contains(proposal.contents)
  }
}

extension WalkNode {
  /// The number of its name; nil for a transformation.
  var name: Int? {
    guard case .thing(let name) = id else { return nil }
    return name
  }
}
