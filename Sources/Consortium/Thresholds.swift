package import Wire

/// How many members decide.
package struct Thresholds: Hashable, Sendable {
  /// Votes that a proposal needs; 0 means more than half of the members that can vote.
  package let votes: Int
  /// Cosignatures that make a checkpoint final; 0 means floor(2n/3) + 1 of n members with a node.
  package let quorum: Int

  /// So many votes and cosignatures; 0 means automatic.
  package init(votes: Int, quorum: Int) {
    self.votes = votes
    self.quorum = quorum
  }

  /// The thresholds of a message; every number has a meaning.
  package init(_ wire: Cairn_V1_Thresholds) { self.init(votes: Int(wire.votes), quorum: Int(wire.quorum)) }

  /// The thresholds as a message.
  package var wire: Cairn_V1_Thresholds {
    var wire = Cairn_V1_Thresholds()
    wire.votes = UInt32(clamping: votes)
    wire.quorum = UInt32(clamping: quorum)
    return wire
  }
}
