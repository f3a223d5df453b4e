/// A rule that a run breaks on purpose, to show that the checker would notice.
package enum Mutation: String, Sendable, CaseIterable {
  /// Restarted nodes have forgotten what they signed.
  case forgetsLastSigned
  /// One more than a third is called a quorum.
  case smallQuorum
  /// Epochs go on from the shortest log, whatever was FINAL.
  case lowestBase
  /// Nodes cosign without waiting for a quorum to have the log.
  case cosignsUnprepared
  /// Ledger time is the latest clock.
  case latestClock
}

/// What may happen in a run.
package struct Options: Sendable {
  /// A broken rule; nil for the real ones.
  package var mutation: Mutation?
  /// Steps with faults, before everything is mended.
  package var steps: Int
  /// Whether to keep a readable trace.
  package var traces: Bool

  /// A run of the real rules.
  package init(mutation: Mutation? = nil, steps: Int = 250, traces: Bool = false) {
    self.mutation = mutation
    self.steps = steps
    self.traces = traces
  }
}

/// How a run went.
package struct Report: Sendable {
  /// The seed that gives the same run again.
  package let seed: UInt64
  /// What was wrong; nil if nothing was.
  package let violation: String?
  /// What happened, a line each, if it was asked for.
  package let trace: [String]
  /// Checkpoints that became FINAL on some honest node.
  package let certificates: Int
  /// Epochs opened after the first.
  package let recoveries: Int
  /// Honest nodes that stopped because of a contradiction.
  package let stops: Int
  /// Entries in the longest honest log at the end.
  package let entries: Int
  /// Whether all honest nodes had to end alike, and did.
  package let converged: Bool
}
