import Consensus
import Ledger
import Merkle
import Primitives

/// Watches a run and says what must never be.
struct Checker {
  let mutation: Mutation?
  private(set) var violation: String?
  private(set) var certificates = 0
  /// The batches that lead to each root, by their sources: what a checkpoint says.
  private var contents: [LogPoint: [Int]] = [:]
  /// The longest log that was ever FINAL.
  private(set) var final: [Int] = []
  private(set) var finalLog: LogPoint?
  /// What was FINAL when the first node entered an epoch.
  private var finalAtOpening: [UInt64: [Int]] = [:]
  private var signed: [MemberID: [Int]] = [:]
  private var latestClock: Instant

  init(cast: Cast, mutation: Mutation?) {
    self.mutation = mutation
    latestClock = cast.genesis.lastLedgerTime
    contents[LogPoint(size: 1, root: cast.genesis.edge.root)] = []
  }

  mutating func fail(_ what: String) { violation = violation ?? what }

  /// Notes what a node's log says.
  mutating func knows(_ disk: Disk) {
    if contents[disk.log] == nil { contents[disk.log] = disk.sources.map { $0.chain << 32 | $0.index } }
  }

  /// An honest node showed its clock.
  mutating func honestClock(_ clock: Instant) { latestClock = max(latestClock, clock) }

  /// An entry got a time.
  mutating func entry(_ entry: AppliedBatch, after last: Instant) {
    if entry.ledgerTime < last { fail("ledger time went back from \(last) to \(entry.ledgerTime)") }
    if entry.ledgerTime > latestClock, entry.ledgerTime > last {
      fail("ledger time \(entry.ledgerTime) is beyond every honest clock")
    }
  }

  /// An honest node holds a certificate.
  mutating func certified(_ log: LogPoint, by member: MemberID) {
    certificates += 1
    guard let content = contents[log] else { return fail("\(member) certified \(log), which is nobody's log") }
    if content.starts(with: final) {
      (final, finalLog) = (content, log)
    } else if !final.starts(with: content) {
      fail("\(member) certified \(log), which contradicts \(finalLog?.description ?? "")")
    }
  }

  /// An honest node cosigned.
  mutating func cosigned(_ log: LogPoint, by member: MemberID) {
    guard let content = contents[log] else { return fail("\(member) cosigned \(log), which is nobody's log") }
    let before = signed[member] ?? []
    if content.starts(with: before) {
      signed[member] = content
    } else if !before.starts(with: content) {
      fail("\(member) cosigned \(log), which contradicts what it cosigned before")
    }
  }

  /// What honest nodes cosigned are parts of one log.
  mutating func requireOneHistory() {
    let all = signed.values.sorted { $0.count < $1.count }
    for (shorter, longer) in zip(all, all.dropFirst()) where !longer.starts(with: shorter) {
      fail("honest nodes cosigned contradicting logs of \(shorter.count + 1) and \(longer.count + 1) entries")
    }
  }

  /// A node goes on from a base. Whoever comes late has not yet what became FINAL since the first one did.
  mutating func opened(_ disk: Disk, epoch: UInt64, by member: MemberID) {
    let content = disk.sources.map { $0.chain << 32 | $0.index }
    let kept = finalAtOpening[epoch] ?? final
    finalAtOpening[epoch] = kept
    if !content.starts(with: kept) { fail("\(member) opens an epoch without what is FINAL: \(disk.log)") }
  }
}
