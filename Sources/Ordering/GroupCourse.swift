import Consensus
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Store
import Wire

/// A group of messages being applied.
struct GroupCourse {
  /// What became of a batch.
  struct Verdict {
    let digest: Digest
    let batch: AdmittedBatch?
    let outcome: Result<LedgerState.Outcome, Failure>
  }

  private(set) var state: LedgerState
  private(set) var consensus: ConsensusState
  private(set) var applied: [AppliedBatch] = []
  private(set) var verdicts: [Verdict] = []
  private(set) var skips: [StoredSkip] = []
  /// Where checkpoints lie.
  private(set) var placed: [PlacedCheckpoint] = []
  private(set) var events: [Certification.Event] = []

  init(state: LedgerState, consensus: ConsensusState) {
    self.state = state
    self.consensus = consensus
  }

  /// Applies a message in its place in the stream of `course`. What does not count changes nothing but what is remembered of
  /// it.
  mutating func apply(
    _ message: PreparedMessage, _ course: EnginePlace, _ writer: GroupWriter, _ admission: Admission
  ) throws(Failure) {
    let epoch = course.epoch
    let before = consensus.checkpointSize
    switch message.item {
    case .batch(let candidate): try apply(candidate, epoch, message.sequence, writer, admission)
    case .mark(let mark, let verified):
      do throws(Failure) {
        let verified = if let verified { verified } else { try mark.verified(by: state.directory) }
        let checkpoint = try consensus.apply(verified, ledger: state)
        events.append(.counted(verified, checkpoint))
      } catch {
        // A mark that does not count changes nothing, here as on every node.
      }
    case .opening(let opening):
      guard message.sequence == 1, epoch > 1 else { return }
      guard opening.epoch == epoch, opening.ledgerID == state.ledgerID, opening.base.size == state.edge.size,
        opening.base.root == state.edge.root
      else {
        throw Failure(
          .preconditionFailed, "WRONG_OPENING",
          "epoch \(epoch) was opened from \(opening.base.size) entries with the root \(opening.base.root); this node has "
            + "\(state.edge.size) and \(state.edge.root): see cairnd recover")
      }
    case .unreadable: break
    }
    if epoch > 1, message.sequence == 1, !message.isOpening {
      throw Failure(
        .preconditionFailed, "WRONG_OPENING",
        "the stream of epoch \(epoch) does not begin with its opening: see cairnd recover")
    }
    try notePlace(of: message, course, isNew: consensus.checkpointSize != before)
  }

  /// Notes where the order stands at a checkpoint, and again from time to time while the log does not grow beyond it: the engine
  /// may forget the message that made it.
  private mutating func notePlace(
    of message: PreparedMessage, _ course: EnginePlace, isNew: Bool
  ) throws(Failure) {
    let isAtRest = state.edge.size == consensus.checkpointSize
    guard isNew || isAtRest && message.sequence.isMultiple(of: EngineLimits.placeInterval) else { return }
    placed.append(
      PlacedCheckpoint(
        size: state.edge.size, root: state.edge.root,
        place: EnginePlace(
          epoch: course.epoch, stream: course.stream, created: course.created, sequence: message.sequence,
          stored: message.stored, state: try consensus.serialized)))
  }

  private mutating func apply(
    _ candidate: Candidate, _ epoch: UInt64, _ sequence: UInt64, _ writer: GroupWriter, _ admission: Admission
  ) throws(Failure) {
    var admitted: AdmittedBatch?
    do throws(Failure) {
      let batch = try candidate.admitted(by: admission, state.directory)
      admitted = batch
      let time = consensus.time(directory: state.directory, after: state.lastLedgerTime)
      let size = state.edge.size
      let before = batch.changes.isEmpty ? [] : applied
      let outcome = try state.apply(batch, at: time) { redaction throws(Failure) in
        try writer.isInLog(redaction, after: before)
      }
      if case .appended(let entry) = outcome {
        applied.append(entry)
        events.append(.appended(after: size, times: [entry.ledgerTime], state.directory))
      }
      verdicts.append(Verdict(digest: candidate.digest, batch: batch, outcome: .success(outcome)))
    } catch {
      // What only this node cannot do says nothing about the batch.
      guard ![.unavailable, .corrupt, .bug].contains(error.kind) else { throw error }
      skips.append(
        StoredSkip(
          epoch: epoch, sequence: sequence, headerDigest: candidate.digest, reason: error.reason,
          message: String(error.message.prefix(512))))
      verdicts.append(Verdict(digest: candidate.digest, batch: admitted, outcome: .failure(error)))
    }
  }
}
