import Primitives

/// Who can decide at one moment, in numbers: members that vote, and members whose nodes sign checkpoints.
package struct Electorate: Hashable, Sendable {
  /// As the members decided.
  package let thresholds: Thresholds
  /// Members in good standing with an ADMIN key in force.
  package internal(set) var voters: Int
  /// Members in good standing with a NODE key in force.
  package internal(set) var nodes: Int
  /// Voters that still vote when the keys that end soon have ended.
  package internal(set) var lastingVoters: Int
  /// Nodes that still sign when the keys that end soon have ended.
  package internal(set) var lastingNodes: Int
  /// Nodes that sign once all keys have become valid.
  package internal(set) var possibleNodes: Int

  init(thresholds: Thresholds, voters: Int = 0, nodes: Int = 0) {
    self.thresholds = thresholds
    self.voters = voters
    self.nodes = nodes
    lastingVoters = voters
    lastingNodes = nodes
    possibleNodes = nodes
  }

  /// Votes that a proposal needs.
  package var votesNeeded: Int { votesNeeded(of: voters) }
  /// Cosignatures that make a checkpoint final.
  package var quorum: Int { quorum(of: nodes) }

  private func votesNeeded(of voters: Int) -> Int { thresholds.votes == 0 ? voters / 2 + 1 : thresholds.votes }
  private func quorum(of nodes: Int) -> Int { thresholds.quorum == 0 ? Self.safeQuorum(of: nodes) : thresholds.quorum }

  /// More than two thirds: any two such quorums share an honest node while fewer than a third are dishonest.
  private static func safeQuorum(of nodes: Int) -> Int { nodes * 2 / 3 + 1 }

  /// How many are missing, by what for; all zero while the members can govern the ledger.
  private var votersMissing: Int { max(0, votesNeeded - voters) }
  private var lastingVotersMissing: Int { max(0, votesNeeded(of: lastingVoters) - lastingVoters) }
  private var nodesMissing: Int { max(0, quorum - nodes) }
  private var lastingNodesMissing: Int { max(0, quorum(of: lastingNodes) - lastingNodes) }
  private var quorumMissing: Int {
    thresholds.quorum == 0 ? 0 : max(0, Self.safeQuorum(of: possibleNodes) - thresholds.quorum)
  }

  /// Refuses an electorate that lacks something, unless the one before it lacked as much: what keys that expired have
  /// spoilt, a change may leave or mend but not make worse.
  func requireSufficient(comparedWith before: Electorate?) throws(Failure) {
    if votersMissing > before?.votersMissing ?? 0 { throw tooFewVoters(voters) }
    if lastingVotersMissing > before?.lastingVotersMissing ?? 0 { throw tooFewVoters(lastingVoters) }
    if nodesMissing > before?.nodesMissing ?? 0 { throw tooFewNodes(nodes) }
    if lastingNodesMissing > before?.lastingNodesMissing ?? 0 { throw tooFewNodes(lastingNodes) }
    if quorumMissing > before?.quorumMissing ?? 0 {
      let least = Self.safeQuorum(of: possibleNodes)
      throw refusal(
        "QUORUM_TOO_SMALL",
        "a quorum of \(thresholds.quorum) would be too small for \(possibleNodes) members with a "
          + "node: at least \(least), or 0 for automatic",
        ["quorum": thresholds.quorum, "quorum_needed": least, "nodes": possibleNodes])
    }
  }

  private func tooFewVoters(_ voters: Int) -> Failure {
    let needed = votesNeeded(of: voters)
    let numbers = ["voters": voters, "votes_needed": needed]
    if voters == 0 {
      return refusal(
        "LAST_ADMIN", "no member would be left with an ADMIN key that lasts \(Directory.lastingHours) hours", numbers)
    }
    return refusal(
      "TOO_FEW_VOTERS",
      "\(voters) members would be left with an ADMIN key that lasts \(Directory.lastingHours) hours, "
        + "but a proposal needs \(needed) votes", numbers)
  }

  private func tooFewNodes(_ nodes: Int) -> Failure {
    let needed = quorum(of: nodes)
    return refusal(
      "TOO_FEW_NODES",
      "\(nodes) members would be left with a NODE key that lasts \(Directory.lastingHours) hours, "
        + "but a checkpoint needs \(needed) cosignatures", ["nodes": nodes, "quorum": needed])
  }

  private func refusal(_ reason: String, _ message: String, _ numbers: [String: Int]) -> Failure {
    Failure(.preconditionFailed, reason, message, metadata: numbers.mapValues(String.init))
  }
}
