package import Checkpoints
package import Ledger
package import Primitives
import Store
import Synchronization

/// What witnesses from outside signed below this node's checkpoints, for everybody who hands out a note.
package final class Cosignatures: Sendable {
  /// Most checkpoints whose cosignatures are kept; the smallest are let go.
  package static let maxCheckpoints = 1_024

  private struct Entry {
    let checkpoint: SignedCheckpoint
    var lines: [VerifierKey: String] = [:]
  }

  private struct State {
    /// By size.
    var entries: [UInt64: Entry] = [:]
    /// The largest size that each witness signed.
    var latest: [VerifierKey: UInt64] = [:]
    /// The largest size that enough of them signed.
    var complete: UInt64?
  }

  /// The witnesses that are asked.
  package let witnesses: [Policy.Witness]
  /// How many of them must have signed what the policy takes.
  package let required: Int
  private let state = Mutex(State())

  /// Cosignatures of `witnesses`, of which `required` are needed.
  package init(of witnesses: [Policy.Witness] = [], required: Int = 0) {
    self.witnesses = witnesses
    self.required = required
  }

  /// The largest size that a witness signed; nil before the first.
  package func latestSize(of witness: Policy.Witness) -> UInt64? { state.withLock { $0.latest[witness.key] } }

  /// The largest checkpoint that as many signed as are required, with their lines; nil where none is or none are required.
  package var complete: SignedCheckpoint? {
    state.withLock { state in state.complete.flatMap { state.entries[$0] }.map(note) }
  }

  /// The largest checkpoint that any of them signed; nil before the first.
  package var largest: SignedCheckpoint? {
    state.withLock { state in state.entries.keys.max().flatMap { state.entries[$0] }.map(note) }
  }

  /// Publishes a verified signature of a witness below a checkpoint of this node; the latest of each counts.
  package func add(_ signature: SignedNote.Signature, of witness: Policy.Witness, to checkpoint: SignedCheckpoint) {
    state.withLock { state in
      state.entries[checkpoint.size, default: Entry(checkpoint: checkpoint)].lines[witness.key] = signature.description
      state.latest[witness.key] = max(checkpoint.size, state.latest[witness.key] ?? 0)
      let count = state.entries[checkpoint.size]?.lines.count ?? 0
      if required > 0, count >= required { state.complete = max(checkpoint.size, state.complete ?? 0) }
      guard state.entries.count > Self.maxCheckpoints else { return }
      let others = state.entries.keys.filter { $0 != state.complete }
      if let smallest = others.min() { state.entries[smallest] = nil }
    }
  }

  /// The checkpoint of a size that witnesses signed, with their lines; nil where none did.
  package func checkpoint(size: UInt64) -> SignedCheckpoint? {
    state.withLock { state in state.entries[size].map(note) }
  }

  /// A checkpoint with the lines of those who signed it.
  package func added(to checkpoint: SignedCheckpoint) -> SignedCheckpoint {
    state.withLock { state in
      guard let entry = state.entries[checkpoint.size], entry.checkpoint.root == checkpoint.root else {
        return checkpoint
      }
      return note(Entry(checkpoint: checkpoint, lines: entry.lines))
    }
  }

  /// A policy with these witnesses, as text; fails with MALFORMED_POLICY.
  package func extended(_ policy: String) throws(Failure) -> String {
    guard !witnesses.isEmpty else { return policy }
    return try Policy(policy).adding(witnesses, required: required).description
  }

  private func note(_ entry: Entry) -> SignedCheckpoint {
    let lines = witnesses.compactMap { entry.lines[$0.key] }.joined()
    let checkpoint = entry.checkpoint
    return SignedCheckpoint(size: checkpoint.size, root: checkpoint.root, note: checkpoint.note + lines)
  }
}

extension Queries {
  /// The checkpoint of a view that tells most: the latest that as many witnesses signed as are required, if its log is long
  /// enough for the entry `position`; otherwise the latest with the members' cosignatures, under the same condition; otherwise
  /// the view's own.
  func latestCheckpoint(in view: LedgerView, holding position: UInt64 = 0) -> SignedCheckpoint {
    if let complete = cosignatures.complete, position < complete.size, complete.size <= view.logSize { return complete }
    return cosignatures.added(to: view.checkpoint(over: position))
  }
}
