import Consensus
import Consortium
import Ledger
import Merkle
import Primitives

/// What a node has on disk, all of it written in one transaction.
struct Disk: Sendable {
  /// The ledger after each entry; the last is the current one.
  var states: [LedgerState]
  /// The root over the entries up to each.
  var roots: [Digest]
  /// The hash of each entry.
  var leaves: [Digest]
  /// Where each entry after genesis came from.
  var sources: [(chain: Int, index: Int)] = []
  var consensus = ConsensusState()
  /// The stream that is read, and how many of its messages are applied.
  var identity: Int?
  var sequence = 0
  /// The last of them, by what tells it from every other: its digest, on a real node.
  var lastMessage: Int?
  /// What is known to be FINAL, ascending.
  var final: [LogPoint] = []

  init(_ genesis: LedgerState) {
    states = [genesis]
    roots = [genesis.edge.root]
    leaves = roots
  }

  var ledger: LedgerState { states[states.count - 1] }
  var log: LogPoint { LogPoint(size: UInt64(states.count), root: roots[roots.count - 1]) }

  /// The root over the first entries; nil beyond the end.
  func root(_ size: UInt64) -> Digest? {
    size == 0 ? MerkleTree.emptyRoot : size <= UInt64(roots.count) ? roots[Int(size) - 1] : nil
  }

  /// Cuts the log.
  mutating func truncate(to size: Int) {
    states.removeLast(max(0, states.count - size))
    roots.removeLast(max(0, roots.count - size))
    leaves.removeLast(max(0, leaves.count - size))
    sources.removeLast(max(0, sources.count - (size - 1)))
  }
}

/// Something that reached disk and that the certifier has to be told.
enum Applied: Sendable {
  case entry(size: UInt64, time: Instant)
  case mark(VerifiedMark, LogPoint?)
}

/// One member's node.
struct Node: Sendable {
  enum Trouble: String { case lost, rolledBack }

  let index: Int
  let member: MemberID
  let isHonest: Bool
  var isUp = true
  /// What its clock shows beside the true time, in microseconds.
  var clockOffset: Int64
  var disk: Disk
  /// What a backup has of the disk.
  var backup: Disk
  /// On a disk of its own.
  var promise = LastSigned()
  /// Which of the member's keys the node uses.
  var keyNumber = 0
  var trouble: Trouble?
  var certifier: Certifier
  var pace = MarkPace()
  var markNumber: UInt64 = 0
  /// Entries that a recovery took out of the log, to be submitted again.
  var held: [(chain: Int, index: Int)] = []

  /// Whether it reads the stream.
  var isReading: Bool { isUp && !promise.isClosed && trouble == nil }
}
