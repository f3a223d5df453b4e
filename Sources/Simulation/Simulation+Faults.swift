import Consensus
import Ledger
import Primitives
import SeededRandom
import Signing

extension Simulation {
  /// A member that lies does something; it knows all that there is.
  mutating func lie() {
    guard let liar = random.pick(nodes.filter { !$0.isHonest }.map(\.index)) else { return }
    guard let victim = random.pick(nodes.filter(\.isHonest).map(\.index)) else { return }
    let disk = nodes[victim].disk
    switch random.number(below: 10) {
    case 0..<4:
      // Cosigns whatever others have, in every branch.
      let log = random.pick(Array(made.keys).sorted()) ?? disk.log
      cosign(random.chance(1, in: 2) ? log : disk.log, by: liar, to: nodes.indices.filter { $0 != liar })
    case 4..<8:
      // Says that it has the victim's log, to those who see the victim's branch.
      let wild =
        random.chance(1, in: 2) ? Int64(random.next() >> 1) : now + Int64(random.number(below: 2_000_000)) - 1_000_000
      guard nodes[victim].disk.identity != nil else { return }
      let mark = VerifiedMark(
        mark: Mark(
          ledgerID: cast.genesis.ledgerID, epoch: epochRead(victim), number: UInt64(now - Cast.start.microseconds + 1),
          clock: Instant(microseconds: max(0, min(wild, Instant.latest.microseconds))), log: disk.log),
        key: cast.nodeKeys[liar][nodes[liar].keyNumber].publicKey.id, member: nodes[liar].member)
      engine.publish(.mark(mark), epoch: epochRead(victim), by: victim)
    case 8:
      contradict(liar, victim)
    default:
      nodes[liar].clockOffset = Int64(random.next() >> 20) - 4_000_000_000
    }
  }

  /// Cosigns, or says that it has, a log that nobody has.
  private mutating func contradict(_ liar: Int, _ victim: Int) {
    guard liarsAreKnown || random.chance(1, in: 8) else { return }
    hasContradicted = true
    var random = random
    let root = Digest { buffer in
      for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: random.next()) }
    }
    self.random = random
    let log = LogPoint(size: UInt64(1 + random.number(below: nodes[victim].disk.states.count + 3)), root: root)
    cosign(log, by: liar, to: [victim])
  }

  /// One thing happens in a hasty run: the newcomer and one other are shown an order of their own, in which the members change, and
  /// are cut off from the rest; who lies serves both sides. Left to chance that would take millions of seeds.
  mutating func stepHastily(_ node: Int) {
    if hasForked { partition = Set(nodes.indices.filter { engine.branch[$0] == 1 }) }
    let loyal = nodes.dropLast(2).filter(\.isHonest).map(\.index)
    switch random.number(below: 100) {
    case 0..<15: submit()
    case 15..<50: read(node, atMost: 1 + random.number(below: 6), faulty: false)
    case 50..<70: deliver()
    case 70..<82: mark(node)
    case 82..<95: lie()
    default:
      guard !hasForked, let other = random.pick(loyal) else { return }
      trace?.note(now, "the engine forks: \(nodes[other].member) and the newcomer see another order")
      engine.fork(epoch, [other, nodes.count - 1])
      hasForked = true
    }
  }

  /// Something breaks.
  mutating func misfortune(_ index: Int) {
    switch random.number(below: 16) {
    case 0..<3: nodes[index].clockOffset += Int64(random.number(below: 4_000_000)) - 2_000_000
    case 3..<5: nodes[index].backup = nodes[index].disk
    case 5: restore(index)
    case 6..<8:
      engine.isAway.toggle()
      trace?.note(now, "the engine is \(engine.isAway ? "away" : "back")")
    case 10 where random.chance(1, in: 2):
      let count = 1 + random.number(below: 6)
      trace?.note(now, "the engine is rolled back by \(count)")
      engine.rollBack(epoch, by: count)
    case 11 where random.chance(1, in: 3):
      trace?.note(now, "the engine loses everything")
      engine.lose(epoch)
    case 12..<14 where recoveries < 3: recoverIfNeeded()
    default: break
    }
  }

  /// The engine begins to show some nodes another order; later it shows one that has lost its disk the order that it had not
  /// seen.
  mutating func deceive(_ index: Int) {
    guard hasForked else {
      let side = nodes.indices.filter { _ in random.chance(1, in: 2) }
      trace?.note(now, "the engine forks: \(side.map { nodes[$0].member.description }) see another order")
      engine.fork(epoch, side)
      hasForked = true
      return
    }
    guard random.chance(1, in: 2), nodes[index].isHonest, epochRead(index) == 1 else { return }
    trace?.note(now, "\(nodes[index].member) loses its disk and is shown the other order")
    hasRestored = true
    engine.branch[index] = 1 - engine.branch[index]
    nodes[index].disk = Disk(cast.genesis)
    nodes[index].backup = nodes[index].disk
    nodes[index].trouble = nil
    restart(index)
  }

  /// A node's disk is put back to what a backup had; its promise is kept elsewhere.
  private mutating func restore(_ index: Int) {
    guard nodes[index].isHonest, nodes[index].backup.consensus.epoch == nodes[index].disk.consensus.epoch else {
      return
    }
    trace?.note(now, "\(nodes[index].member) is restored from a backup")
    hasRestored = true
    nodes[index].disk = nodes[index].backup
    nodes[index].trouble = nil
    restart(index)
  }
}
