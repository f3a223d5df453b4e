import Wire

/// A trace laid out as a tree from what was asked for: each thing stands once, as near to the root as it is; further links lead
/// back to what stands above.
struct TraceTree {
  /// A link as seen from the thing above.
  struct Branch {
    let edge: Cairn_V1_TraceEdge
    /// The edge's number.
    let number: Int
    /// The number of the node below.
    let node: Int
    /// Whether the edge leads from the node above to the one below.
    let isAlong: Bool
    /// Whether the node stands above already, with all that belongs to it.
    var isReference = false
  }

  /// What hangs on each node.
  let branches: [[Branch]]

  /// Lays out what a server gave, whatever that is: links between nodes that are not there are left out.
  init(_ trace: Cairn_V1_TraceResponse) {
    let links = Self.links(trace)
    var (tree, leads) = Self.tree(links)
    let rank = Self.ranks(tree)
    for (node, branches) in links.enumerated() {
      for link in branches where rank[link.node] < rank[node] && link.number != leads[node] {
        var reference = link
        reference.isReference = true
        tree[node].append(reference)
      }
    }
    branches = tree
  }

  private static func links(_ trace: Cairn_V1_TraceResponse) -> [[Branch]] {
    let count = trace.nodes.count
    var links: [[Branch]] = Array(repeating: [], count: count)
    for (number, edge) in trace.edges.enumerated() {
      let (from, to) = (Int(edge.fromNode), Int(edge.toNode))
      guard from < count, to < count, from != to else { continue }
      links[from].append(Branch(edge: edge, number: number, node: to, isAlong: true))
      links[to].append(Branch(edge: edge, number: number, node: from, isAlong: false))
    }
    return links.map { $0.sorted { ($0.order, $0.node) < ($1.order, $1.node) } }
  }

  /// Breadth first from the first node; and the number of the edge that leads to each node.
  private static func tree(_ links: [[Branch]]) -> (tree: [[Branch]], leads: [Int]) {
    var tree: [[Branch]] = Array(repeating: [], count: links.count)
    var leads = Array(repeating: -1, count: links.count)
    var frontier = links.isEmpty ? [] : [0]
    while !frontier.isEmpty {
      var next: [Int] = []
      for node in frontier {
        for branch in links[node] where branch.node != 0 && leads[branch.node] < 0 {
          leads[branch.node] = branch.number
          tree[node].append(branch)
          next.append(branch.node)
        }
      }
      frontier = next
    }
    return (tree, leads)
  }

  /// In what order nodes are drawn.
  private static func ranks(_ tree: [[Branch]]) -> [Int] {
    var ranks = Array(repeating: 0, count: tree.count)
    var stack = tree.isEmpty ? [] : [0]
    var next = 0
    while let node = stack.popLast() {
      ranks[node] = next
      next += 1
      stack += tree[node].reversed().map(\.node)
    }
    return ranks
  }
}

extension TraceTree.Branch {
  /// Whence first, then where in, then what is in it, then whither.
  fileprivate var order: Int {
    switch (edge.kind, isAlong) {
    case (.transformed, false): 0
    case (.contained, true): 1
    case (.associated, true): 2
    case (.contained, false): 3
    case (.associated, false): 4
    case (.transformed, true): 5
    case (.transacted, _), (.unspecified, _), (.UNRECOGNIZED, _): 6
    }
  }

  /// What the thing below is to the one above.
  func relation(belowTransformation: Bool) -> String {
    switch (edge.kind, isAlong) {
    case (.transformed, false): belowTransformation ? "from" : "made by"
    case (.transformed, true): belowTransformation ? "gave" : "used in"
    case (.contained, true): "in"
    case (.contained, false): "holds"
    case (.associated, _): "joined to"
    case (.transacted, true): "part of"
    case (.transacted, false): "covers"
    case (.unspecified, _), (.UNRECOGNIZED, _): "linked to"
    }
  }
}
