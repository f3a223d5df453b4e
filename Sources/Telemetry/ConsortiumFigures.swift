import Consensus
import Engine
package import Ordering
import Primitives

/// How a node of a consortium stands, for Prometheus.
package struct ConsortiumFigures: Sendable {
  private let status: NodeStatus

  /// The figures of a node.
  package init(_ status: NodeStatus) { self.status = status }

  /// Their part of the page for Prometheus.
  package var page: String {
    var page = Exposition()
    page.add("cairn_epoch", .gauge, "The epoch of the order that the node follows.", [.init(status.epoch)])
    page.add(
      "cairn_engine_connected", .gauge, "1 while the ordering engine can be reached, otherwise 0.",
      [.init(status.engine.isConnected ? 1 : 0)])
    page.add(
      "cairn_engine_sequence", .gauge, "The last message of the engine's stream that is applied.",
      [.init(status.appliedSequence)])
    page.add(
      "cairn_order_stopped", .gauge, "1 by the reason while the node does not follow the order; nothing while it does.",
      stopped.map { [.init(1, ["reason": $0])] } ?? [])
    page.add(
      "cairn_skipped_total", .counter, "Batches that were refused in their place in the order.",
      [.init(status.skippedCount)])
    page.add("cairn_certified_size", .gauge, "Entries that are final.", [.init(status.certifiedSize)])
    page.add(
      "cairn_last_signed_size", .gauge,
      "Entries under the checkpoint that this node cosigned last; nothing if it does not.",
      status.lastSigned.map { [.init($0.size)] } ?? [])
    page.add(
      "cairn_cosignature_missing", .gauge, "1 for each member whose cosignature the latest checkpoint lacks.",
      (status.awaited?.missing ?? []).map { .init(1, ["member": $0.description]) })
    page.add(
      "cairn_divergences", .gauge, "Contradictions met since the start; with any of them nothing is certified.",
      [.init(status.divergences.count)])
    return page.text
  }

  private var stopped: String? {
    switch status.standing {
    case .starting: "STARTING"
    case .following: nil
    case .stalled(let failure), .stopped(let failure): failure.reason
    }
  }
}
