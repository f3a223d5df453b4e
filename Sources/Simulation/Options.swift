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
  /// A checkpoint takes a quorum of its own members only, whoever they were before.
  case onlyLatestMembers
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
  /// Whether the members change at once, under an engine and members that lie, and little else happens: where a mistake in who has
  /// to agree to a change would show.
  package var isHasty: Bool

  /// A run of the real rules; hasty by itself where the broken one is about changes.
  package init(mutation: Mutation? = nil, steps: Int = 250, traces: Bool = false, isHasty: Bool = false) {
    self.mutation = mutation
    self.steps = steps
    self.traces = traces
    self.isHasty = isHasty || mutation == .onlyLatestMembers
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
  /// Contradictions that stopped honest nodes.
  package let stops: Int
  /// Entries in the longest honest log at the end.
  package let entries: Int
  /// Whether all honest nodes had to end alike, and did.
  package let converged: Bool
}
