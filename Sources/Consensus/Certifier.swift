package import Consortium
package import Primitives

/// Decides, for one epoch, when this node cosigns and what is FINAL: told of everything that happens, it says what to do.
///
/// Four rules. A node cosigns only what a quorum has said, in marks, that it has on disk. A node never cosigns a log that
/// contradicts one that it cosigned before, in whatever epoch. A checkpoint is FINAL with the cosignatures of a quorum under
/// every directory from that of the last FINAL one to its own. A node that meets a contradiction stops.
package struct Certifier: Sendable {
  /// This node's own root over its first entries; nil where that cannot be said now.
  package typealias RootSource = (UInt64) -> Digest?

  /// Who signs under a directory at a ledger time, as an entry at that position finds it.
  package typealias Charge = @Sendable (Directory, Instant, UInt64) -> Signers

  /// Of those who were in charge one after the other, from the last FINAL checkpoint to the next, the ones whose quorum it takes.
  package typealias Jury = @Sendable ([Signers]) -> [Signers]

  /// What the node has to do, in this order.
  package enum Action: Hashable, Sendable {
    /// Write this promise to disk, then cosign its log with every key that the node has, broadcast the note and hand it to `receive` as well.
    case cosign(LastSigned)
    /// Keep the certificate: its checkpoint is FINAL.
    case certified(Certificate)
    /// Keep the evidence, publish it, and mark every answer: this node certifies nothing more.
    case stop(Divergence)
  }

  /// The log's origin.
  package let origin: String
  /// The latest FINAL checkpoint that is known; nil before the first.
  package internal(set) var final: LogPoint?
  /// This node's promise.
  package internal(set) var lastSigned: LastSigned
  /// The contradictions met so far; nothing is certified if there are any.
  package internal(set) var divergences: [Divergence] = []

  let ownKeys: Set<KeyID>
  let isHalted: Bool
  let charge: Charge
  let jury: Jury
  let dismissed: Set<KeyID>
  var history = SignerHistory()
  var nodes: [KeyID: CosignerNode] = [:]
  var revision: UInt64?
  var logSize: UInt64 = 0
  /// Checkpoints after the final one, ascending.
  var checkpoints: [LogPoint] = []
  /// The latest FINAL ones, ascending: what is said of them late is not looked up.
  var settled: [LogPoint] = []
  /// What this process cosigned last.
  var issued: LogPoint?
  /// Whether our log is known to continue the promised one.
  var keepsPromise = false
  /// Each key's latest mark that is not compared with our log yet.
  var unconfirmed: [KeyID: VerifiedMark] = [:]
  /// How far each member's node has said that it has our log on its disk.
  var confirmed: [MemberID: UInt64] = [:]
  /// Cosignatures of open checkpoints, by size.
  var cosignatures: [UInt64: [KeyID: VerifiedCosignature]] = [:]
  /// Cosignatures of logs that are longer than ours, or end behind our latest checkpoint.
  var early: [KeyID: [UInt64: VerifiedCosignature]] = [:]

  /// A certifier for the node whose key is `ownKey`, with its promise as it was read. A node that has further keys cosigns with
  /// all of them: after a rotation the old one counts until a checkpoint behind it is FINAL. `final` is the latest FINAL checkpoint
  /// that it holds a certificate of. What the keys in `dismissed` contradict is passed over: the operator has looked into it.
  /// One that `isHalted` knows of a contradiction from before: it listens, and neither cosigns nor certifies.
  package init(
    origin: String, ownKey: KeyID, furtherKeys: Set<KeyID> = [], lastSigned: LastSigned, final: LogPoint?,
    dismissed: Set<KeyID> = [], isHalted: Bool = false,
    charge: @escaping Charge = Certifier.whoIsInCharge, jury: @escaping Jury = Certifier.everyone
  ) {
    self.charge = charge
    self.jury = jury
    self.origin = origin
    ownKeys = furtherKeys.union([ownKey])
    self.lastSigned = lastSigned
    self.final = final
    self.dismissed = dismissed
    self.isHalted = isHalted
  }

  /// The rule: the directory's NODE keys in force and its quorum. The simulation breaks it to see that it notices.
  package static let whoIsInCharge: Charge = { Signers($0, at: $1, position: $2) }

  /// The rule: a change of the members cannot step over those before it. The simulation breaks it as well.
  package static let everyone: Jury = { $0 }

  /// The node leaves the epoch: nothing is signed any more, what others sign still counts.
  package mutating func close() { lastSigned = lastSigned.closed }

  /// Whether nothing is certified any more.
  package var isStopped: Bool { isHalted || !divergences.isEmpty }

  /// The members that the latest open checkpoint waits for, and that checkpoint; nil if none is open. Nobody cosigns what a
  /// quorum has not said to have on disk, so until then it is those who have not said so.
  package var missing: (checkpoint: LogPoint, members: [MemberID])? {
    guard let checkpoint = checkpoints.last, let signers = history.latest else { return nil }
    let cosigned = Set((cosignatures[checkpoint.size] ?? [:]).keys.compactMap { signers.members[$0] })
    let present = isOnDisk(checkpoint) ? cosigned : cosigned.union(whoHas(checkpoint))
    let missing = Set(signers.members.values).subtracting(present).sorted { $0.description < $1.description }
    return (checkpoint, missing)
  }
}
