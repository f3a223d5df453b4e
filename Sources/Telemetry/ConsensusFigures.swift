package import Primitives

/// How a node of a consortium stands with its engine and its fellows, at one moment.
package struct ConsensusFigures: Sendable {
  /// Whether the engine can be reached.
  package let isEngineConnected: Bool
  /// Whether the node applies what the engine orders.
  package let isFollowing: Bool
  /// Whether it fetches from its peers what the engine has forgotten.
  package let isCatchingUp: Bool
  /// Whether the node cosigns.
  package let isCosigning: Bool
  /// The epoch it is in, from 1.
  package let epoch: UInt64
  /// The last message of the engine's stream that is applied.
  package let appliedSequence: UInt64
  /// Entries that are final.
  package let certifiedSize: UInt64
  /// Contradictions that it has met.
  package let divergenceCount: Int
  /// Members whose cosignatures the latest checkpoint that is not final lacks.
  package let missing: [MemberID]
  /// Batches and marks refused in their place since the start.
  package let skippedCount: UInt64

  /// Figures of these parts.
  package init(
    isEngineConnected: Bool, isFollowing: Bool, isCatchingUp: Bool, isCosigning: Bool, epoch: UInt64,
    appliedSequence: UInt64, certifiedSize: UInt64, divergenceCount: Int, missing: [MemberID], skippedCount: UInt64
  ) {
    self.isEngineConnected = isEngineConnected
    self.isFollowing = isFollowing
    self.isCatchingUp = isCatchingUp
    self.isCosigning = isCosigning
    self.epoch = epoch
    self.appliedSequence = appliedSequence
    self.certifiedSize = certifiedSize
    self.divergenceCount = divergenceCount
    self.missing = missing
    self.skippedCount = skippedCount
  }

  /// Their part of the page for Prometheus.
  package var page: String {
    var page = Exposition()
    page.add(
      "cairn_engine_connected", .gauge, "1 while a majority of the engine's servers can be reached, otherwise 0.",
      [.init(isEngineConnected ? 1 : 0)])
    page.add(
      "cairn_following", .gauge, "1 while the node applies what the engine orders, otherwise 0.",
      [.init(isFollowing ? 1 : 0)])
    page.add(
      "cairn_catching_up", .gauge, "1 while the node fetches from its peers what the engine has forgotten, or 0.",
      [.init(isCatchingUp ? 1 : 0)])
    page.add(
      "cairn_cosigning", .gauge, "1 while the node cosigns checkpoints, otherwise 0.", [.init(isCosigning ? 1 : 0)])
    page.add("cairn_epoch", .gauge, "Epoch of the engine's stream, from 1.", [.init(epoch)])
    page.add(
      "cairn_engine_sequence", .gauge, "Last message of the engine's stream that is applied.",
      [.init(appliedSequence)])
    page.add("cairn_certified_size", .gauge, "Entries of the log that are final.", [.init(certifiedSize)])
    page.add(
      "cairn_divergences", .gauge, "Pairs of signed checkpoints that contradict each other.", [.init(divergenceCount)])
    page.add(
      "cairn_quorum_missing", .gauge, "1 for each member whose cosignature the latest checkpoint lacks.",
      missing.map { .init(1, ["member": $0.description]) })
    page.add(
      "cairn_skipped_total", .counter, "Batches and marks refused in their place in the order.",
      [.init(skippedCount)])
    return page.text
  }
}
