import Consensus
import Primitives

extension Simulation {
  /// The faults stop and the liars fall silent: honest nodes must end alike, with everything FINAL, unless a lying engine or a
  /// member that was caught has stopped the ledger. Says whether they had to.
  mutating func mend() -> Bool {
    trace?.note(now, "everything is mended")
    partition = []
    engine.isAway = false
    for index in nodes.indices {
      if nodes[index].isHonest { restart(index) } else { nodes[index].isUp = random.chance(1, in: 2) }
    }
    settle(rounds: 4)
    for _ in 0..<3 where isInTrouble { if recover(everybody: true) { settle(rounds: 2) } }
    for index in nodes.indices where nodes[index].isHonest { restart(index) }
    settle(rounds: 12)
    if !hasBrokenPromises, !hasForked || !hasRestored { checker.requireOneHistory() }
    guard options.mutation == nil, !hasForked, !hasBrokenPromises, !hasContradicted || liarsAreKnown,
      checker.violation == nil
    else {
      return false
    }
    requireAlike()
    return checker.violation == nil
  }

  /// Whether an honest node cannot go on, or has been left in an epoch that is over.
  private var isInTrouble: Bool {
    nodes.contains {
      $0.isHonest
        && ($0.trouble != nil || $0.certifier.isStopped || $0.promise.isClosed && $0.disk.consensus.epoch == epoch)
    }
  }

  /// Time passes without faults.
  private mutating func settle(rounds: Int) {
    for round in 0..<rounds {
      now += MarkPace.markInterval + 1
      if round == rounds / 2 { now += MarkPace.idleInterval }
      if round < 2 { submitRest() }
      for index in nodes.indices where nodes[index].isHonest {
        catchUp(index)
        read(index, atMost: .max, faulty: false)
      }
      for index in nodes.indices where nodes[index].isHonest { calmlyMark(index) }
      for index in nodes.indices where nodes[index].isHonest { read(index, atMost: .max, faulty: false) }
      let messages = network
      network = []
      for message in messages where nodes[message.to].isHonest { receive(message.notes, at: message.to, faulty: false) }
      for index in nodes.indices where nodes[index].isHonest {
        for peer in nodes.indices where nodes[peer].isHonest && peer != index { hear(index, from: peer, faulty: false) }
      }
    }
  }

  /// Whoever has something that is in no log sends it again.
  private mutating func submitRest() {
    guard let longest = nodes.filter(\.isHonest).max(by: { $0.disk.states.count < $1.disk.states.count }) else {
      return
    }
    let ledger = longest.disk.ledger
    for step in cast.script.prefix(governance) where !has(ledger, step.chain, step.index) {
      engine.publish(.batch(chain: step.chain, index: step.index), epoch: epoch, by: longest.index)
    }
    for chain in 0..<cast.deviceCount {
      for index in nextIndex(ledger, chain)..<cast.chains[chain].batches.count {
        engine.publish(.batch(chain: chain, index: index), epoch: epoch, by: longest.index)
      }
    }
  }

  /// A node that missed the opening of an epoch follows it.
  private mutating func catchUp(_ index: Int) {
    guard nodes[index].disk.consensus.epoch < epoch else { return }
    let opener = nodes.first { $0.isHonest && $0.disk.consensus.epoch == epoch }
    if let opener { enter(index, from: opener.index) }
  }

  private mutating func calmlyMark(_ index: Int) {
    let node = nodes[index]
    guard node.isReading, node.disk.identity != nil, node.pace.isDue(at: now) else { return }
    let mark = makeMark(index, log: node.disk.log, clock: now + node.clockOffset)
    engine.publish(.mark(mark), epoch: epochRead(index), by: index)
    nodes[index].pace.marked(logSize: node.disk.log.size, at: now)
  }

  /// Honest nodes have equal logs and states, and all of it is FINAL.
  private mutating func requireAlike() {
    let honest = nodes.filter(\.isHonest)
    guard let first = honest.first else { return }
    for node in honest {
      if node.certifier.isStopped { checker.fail("\(node.member) has stopped: \(node.certifier.divergences)") }
      if node.disk.log != first.disk.log || node.disk.consensus != first.disk.consensus {
        checker.fail("\(node.member) ends with \(node.disk.log), \(first.member) with \(first.disk.log)")
      }
      if node.disk.final.last != node.disk.log {
        checker.fail("\(node.member) ends with \(node.disk.log), FINAL is \(String(describing: node.disk.final.last))")
      }
    }
  }
}
