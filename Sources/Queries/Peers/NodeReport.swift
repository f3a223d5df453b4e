import Ledger
package import Primitives
package import Store
package import Wire

/// What a node knows of itself that its log does not say.
package struct NodeReport: Sendable {
  /// The engine that orders the batches, as the node sees it.
  package struct Engine: Sendable {
    /// What the node sees of it.
    package var state: Cairn_V1_EngineState
    /// What is wrong with it, for people.
    package var message = ""
    /// The stream's epoch, from 1.
    package var epoch: UInt64
    /// Sequence of the last message applied.
    package var applied: UInt64
    /// Sequence of the last message that it is known to have.
    package var end: UInt64

    /// An engine in that state, at that place.
    package init(state: Cairn_V1_EngineState, message: String = "", epoch: UInt64, applied: UInt64, end: UInt64) {
      self.state = state
      self.message = message
      self.epoch = epoch
      self.applied = applied
      self.end = end
    }
  }

  /// The largest checkpoint known to be final: its size and its note.
  package var certified: (size: UInt64, note: String)?
  /// Members whose signature the note lacks.
  package var missing: [MemberID] = []
  /// Size of the largest checkpoint that was signed for others to count.
  package var lastSigned: UInt64 = 0
  /// The largest checkpoint that the node itself cosigned since it was started, as a note.
  package var cosigned: String?
  /// Why nothing more is signed; nil while it is.
  package var stopped: String?
  /// Nil where the node's own writer orders.
  package var engine: Engine?
  /// Whether the node fetches from its peers what it lacks.
  package var isCatchingUp = false

  /// A report of nothing yet.
  package init() {}

  /// What the view says: the latest certificate, or where one node is the quorum its own checkpoint.
  package init(_ view: LedgerView) {
    if view.certifiedSize == view.logSize, view.certificate?.size != view.logSize {
      certified = (view.checkpoint.size, view.checkpoint.note)
      lastSigned = view.checkpoint.size
    } else if let certificate = view.certificate {
      certified = (certificate.size, certificate.note)
    }
  }
}

/// Two signed notes of one size and two roots.
package struct DivergenceEvidence: Sendable {
  package let size: UInt64
  /// This node's own note.
  package let own: String
  /// The other one, verbatim.
  package let other: String
  /// By this node's clock.
  package let seenAt: Instant

  /// The evidence, as it was kept.
  package init(size: UInt64, own: String, other: String, seenAt: Instant) {
    self.size = size
    self.own = own
    self.other = other
    self.seenAt = seenAt
  }
}
