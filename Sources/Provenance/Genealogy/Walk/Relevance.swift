/// Which way a trace goes through transformations.
enum Facet: CaseIterable {
  case back, forward
}

/// The times at which something matters, each way.
struct Relevance {
  private var back = Windows()
  private var forward = Windows()

  subscript(facet: Facet) -> Windows {
    get { facet == .back ? back : forward }
    set { if facet == .back { back = newValue } else { forward = newValue } }
  }

  var all: Windows { back.union(forward) }

  mutating func insert(_ range: Range<Int64>, _ facet: Facet) -> Bool {
    facet == .back ? back.insert(range) : forward.insert(range)
  }

  mutating func formUnion(_ other: Relevance) -> Bool {
    let back = back.formUnion(other.back)
    return forward.formUnion(other.forward) || back
  }

  func contains(_ other: Relevance) -> Bool { back.contains(other.back) && forward.contains(other.forward) }
}

/// Something that a walk would come to, and when it would matter.
struct Proposal {
  /// When what happens to it matters.
  var life = Relevance()
  /// When what is in it matters.
  var contents = Relevance()
  /// Where the walk would come from.
  var origins: [WalkNode.ID] = []
}

/// Something that a walk came to.
struct WalkNode {
  enum ID: Hashable {
    /// By the number of its name.
    case thing(Int)
    /// By its number among the transformations.
    case hub(Int)
  }

  let id: ID
  let depth: Int
  var life = Relevance()
  var contents = Relevance()
  /// The ways that went through it; of a transformation.
  var facets: Set<Facet> = []
}
