package import Primitives

/// What is proved of logs: which one begins with which other.
package struct ProvenPrefixes: Sendable {
  private var links: [LogPoint: Set<LogPoint>] = [:]

  /// What these proofs show.
  package init(_ links: [ConsistencyLink] = []) {
    for link in links { self.links[link.smaller, default: []].insert(link.larger) }
  }

  /// Adds what this node knows of its own log: those points that `root` agrees with are parts of one log.
  package mutating func add(_ points: some Sequence<LogPoint>, of root: (UInt64) -> Digest?) {
    let own = Set(points).filter { root($0.size) == $0.root }.sorted()
    for (smaller, larger) in zip(own, own.dropFirst()) { links[smaller, default: []].insert(larger) }
  }

  /// Whether it is proved that `larger` begins with `smaller`; every log begins with itself and with the empty log.
  package func isPrefix(_ smaller: LogPoint, of larger: LogPoint) -> Bool {
    if smaller == larger || smaller.size == 0 { return true }
    var seen: Set<LogPoint> = [smaller]
    var open = [smaller]
    while let point = open.popLast() {
      for next in links[point] ?? [] where next.size <= larger.size && seen.insert(next).inserted {
        if next == larger { return true }
        open.append(next)
      }
    }
    return false
  }
}
