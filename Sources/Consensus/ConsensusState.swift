package import Consortium
package import Ledger
import Merkle
package import Primitives

/// What follows from the order beside the log: the members' clocks and where the last checkpoint lies. The same messages
/// give the same state on every node.
package struct ConsensusState: Hashable, Sendable {
  /// The epoch, from 1.
  package let epoch: UInt64
  /// The clock of each member's last counted mark.
  package internal(set) var clocks: [MemberID: Instant]
  /// The number of each key's last counted mark.
  package internal(set) var marks: [KeyID: UInt64]
  /// Entries in the log at the epoch's last checkpoint; 0 before the first.
  package internal(set) var checkpointSize: UInt64

  /// The state at an epoch's beginning: nothing of an earlier one counts, since not every node had read it as far.
  package init(epoch: UInt64 = 1) {
    self.init(epoch: epoch, clocks: [:], marks: [:], checkpointSize: 0)
  }

  init(epoch: UInt64, clocks: [MemberID: Instant], marks: [KeyID: UInt64], checkpointSize: UInt64) {
    self.epoch = epoch
    self.clocks = clocks
    self.marks = marks
    self.checkpointSize = checkpointSize
  }

  /// The number of this key's next mark, as far as its marks are counted.
  package func nextNumber(of key: KeyID) -> UInt64 { (marks[key] ?? 0) + 1 }

  /// Counts a mark at its place in the order, where the log is `ledger`; gives the checkpoint that lies there, if one does.
  /// The mark of a key that is not in force says what its node has on disk, which may be asked for where it was in force; it sets
  /// no clock and makes no checkpoint. A mark that is refused changes nothing: WRONG_LEDGER, WRONG_EPOCH, UNKNOWN_KEY, STALE_MARK or
  /// TOO_MANY_MARKERS.
  package mutating func apply(_ verified: VerifiedMark, ledger: LedgerState) throws(Failure) -> LogPoint? {
    let key = try require(verified, ledger: ledger)
    marks[verified.key] = verified.mark.number
    guard ledger.directory.effectiveRoles(of: key, at: ledger.lastLedgerTime).contains(.node) else { return nil }
    clocks[verified.member] = verified.mark.clock
    guard ledger.edge.size > checkpointSize else { return nil }
    checkpointSize = ledger.edge.size
    return LogPoint(size: checkpointSize, root: ledger.edge.root)
  }

  /// Checks the signature of a mark and counts it; fails as `verified` and `apply` do.
  package mutating func apply(
    _ signed: SignedMark, ledger: LedgerState
  ) throws(Failure) -> (mark: VerifiedMark, checkpoint: LogPoint?) {
    let verified = try signed.verified(by: ledger.directory)
    return (verified, try apply(verified, ledger: ledger))
  }

  /// The ledger time of a batch that comes next, after an entry of time `last`: the lower median of the clocks of the
  /// members with a NODE key in force, those that never marked counting as earliest; never before `last`.
  package func time(directory: Directory, after last: Instant) -> Instant {
    let members = Set(directory.nodeKeys(at: last).map(\.memberID))
    let descending = members.map { clocks[$0] ?? .earliest }.sorted(by: >)
    guard !descending.isEmpty else { return last }
    return max(last, descending[descending.count / 2])
  }

  private func require(_ verified: VerifiedMark, ledger: LedgerState) throws(Failure) -> AuthorKey {
    let mark = verified.mark
    guard mark.ledgerID == ledger.ledgerID else {
      throw Failure(.preconditionFailed, "WRONG_LEDGER", "the mark is of ledger \(mark.ledgerID)")
    }
    guard mark.epoch == epoch else {
      throw Failure(.preconditionFailed, "WRONG_EPOCH", "the mark is of epoch \(mark.epoch); this is epoch \(epoch)")
    }
    let key = try ledger.directory.key(verified.key)
    guard mark.number > marks[verified.key] ?? 0 else {
      throw Failure(
        .preconditionFailed, "STALE_MARK",
        "mark \(mark.number) of key \(verified.key); \(marks[verified.key] ?? 0) is counted already")
    }
    let isFull = marks[verified.key] == nil && marks.count >= EngineLimits.stateEntries
    guard !isFull else {
      throw Failure(
        .exhausted, "TOO_MANY_MARKERS", "\(EngineLimits.stateEntries) keys have marked in this epoch")
    }
    return key
  }
}
