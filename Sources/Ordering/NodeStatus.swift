package import Consensus
package import Engine
package import Primitives

/// How a node of a consortium stands, at one moment.
package struct NodeStatus: Hashable, Sendable {
  /// Whether it follows the order.
  package enum Standing: Hashable, Sendable {
    /// It has not begun to.
    case starting
    /// It applies what the engine orders.
    case following
    /// It fetches from its peers what the engine has forgotten, and how far that is, for people.
    case catchingUp(String)
    /// It cannot for now, and tries again: the disk is full, the engine does not answer.
    case stalled(Failure)
    /// It does not until an operator has seen to it: the engine was lost or put back.
    case stopped(Failure)

    /// Whether it fetches from its peers.
    package var isCatchingUp: Bool { if case .catchingUp = self { true } else { false } }
  }

  /// The epoch it is in, from 1.
  package let epoch: UInt64
  package let standing: Standing
  /// Whether the engine takes messages.
  package let engine: EngineHealth
  /// The last message of the engine's stream that is applied.
  package let appliedSequence: UInt64
  /// The node's log.
  package let log: LogPoint
  /// Entries that are final.
  package let certifiedSize: UInt64
  /// What the node cosigned last; nil where it does not cosign.
  package let lastSigned: LastSigned?
  /// Why it does not cosign, if it does not.
  package let silence: Failure?
  /// Why it certifies nothing more, if it met a contradiction.
  package let stop: Failure?
  /// The contradictions that it has met and nobody dismissed.
  package let contradictions: Int
  /// The latest checkpoint that is not final, and the members whose cosignatures are missing.
  package let awaited: Awaited?
  /// The largest checkpoint that the node itself cosigned since it was started, as a note.
  package let cosignedNote: String?
  /// Batches and marks that were refused in their place since the start.
  package let skippedCount: UInt64

  /// A checkpoint that is not final.
  package struct Awaited: Hashable, Sendable {
    package let checkpoint: LogPoint
    /// In order of their names.
    package let missing: [MemberID]
  }
}
