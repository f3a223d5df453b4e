package import Primitives

/// What a trace is asked for: whence something came, where it went, or both.
package struct TraceQuestion: Hashable, Sendable {
  /// Which way transformations are followed.
  package enum Direction: String, Hashable, Sendable, CaseIterable {
    /// From outputs to inputs.
    case back
    /// From inputs to outputs.
    case forward
    /// Both, each from the item that is asked for: never back and then forward again.
    case both
  }

  /// The most links that may be followed one after the other.
  package static let depths = 1...100
  /// The most nodes that may be asked for.
  package static let nodeCounts = 1...100_000

  /// The item, class, place or business transaction, in canonical form.
  package let item: String
  /// Which way transformations are followed.
  package let direction: Direction
  /// How many links are followed one after the other; through a transformation it is one.
  package let maximumDepth: Int
  /// How many nodes the answer may have, transformations included.
  package let maximumNodes: Int
  /// Only events that happened at or before this.
  package let asOf: Instant?
  /// Only events that the ledger ordered at or before this.
  package let knownAt: Instant?

  /// Takes a canonical identifier; INVALID_DEPTH and INVALID_NODE_COUNT where a limit is out of its range.
  package init(
    item: String, direction: Direction = .both, maximumDepth: Int = depths.upperBound,
    maximumNodes: Int = nodeCounts.upperBound, asOf: Instant? = nil, knownAt: Instant? = nil
  ) throws(Failure) {
    guard Self.depths.contains(maximumDepth) else {
      throw .malformed("INVALID_DEPTH", field: "maximum_depth", "is \(maximumDepth); 1 to 100 is possible")
    }
    guard Self.nodeCounts.contains(maximumNodes) else {
      throw .malformed("INVALID_NODE_COUNT", field: "maximum_nodes", "is \(maximumNodes); 1 to 100,000 is possible")
    }
    self.item = item
    self.direction = direction
    self.maximumDepth = maximumDepth
    self.maximumNodes = maximumNodes
    self.asOf = asOf
    self.knownAt = knownAt
  }
}
