import Consensus
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import SeededRandom
import Signing

extension Simulation {
  /// How operators come to a base.
  private enum Resort {
    /// They agree on a log that somebody named.
    case agreed(LogPoint)
    /// By what follows from the statements.
    case rule
    /// The same, though an honest node's promise may break.
    case incomplete
  }

  /// Operators close the epoch and open the next one, if a node cannot go on.
  @discardableResult
  mutating func recoverIfNeeded() -> Bool {
    let isNeeded = nodes.contains { $0.isHonest && $0.isUp && $0.trouble != nil }
    guard isNeeded else { return false }
    return recover(everybody: false)
  }

  /// Closes the epoch on the nodes that can be reached, and opens the next one if the rules allow it.
  mutating func recover(everybody: Bool) -> Bool {
    let closed = epoch
    trace?.note(now, "operators close epoch \(closed)")
    var statements: [SignedStatement] = []
    for index in nodes.indices where everybody || random.chance(5, in: 6) {
      statements += close(index, closed)
    }
    statements = statements.filter { _ in everybody || random.chance(9, in: 10) }
    let openers = nodes.filter { $0.isHonest && $0.isUp }.sorted { $0.disk.states.count > $1.disk.states.count }
    let resorts = resorts(statements, last: everybody)
    for (resort, opener) in resorts.flatMap({ resort in openers.map { (resort, $0.index) } }) {
      guard let opening = opening(statements, at: opener, resort) else { continue }
      hasBrokenPromises = hasBrokenPromises || breaksPromises(opening, of: nodes[opener].disk)
      trace?.note(now, "\(nodes[opener].member) opens epoch \(closed + 1) from \(opening.base), \(resort)")
      engine.create(closed + 1, with: opening)
      openings[closed + 1] = opening
      engine.isAway = false
      recoveries += 1
      epoch = closed + 1
      for index in nodes.indices { enter(index, from: opener) }
      return true
    }
    trace?.note(now, "nobody can open epoch \(closed + 1) with \(statements.count) statements")
    return false
  }

  /// Whether an honest node has signed what is no part of where the log goes on.
  private func breaksPromises(_ opening: EpochOpening, of disk: Disk) -> Bool {
    nodes.filter(\.isHonest).compactMap(\.promise.log).contains { log in
      log.size > opening.base.size || disk.root(log.size) != log.root
    }
  }

  /// A node leaves the epoch and says how far it had come, under every key that its member has had for it; one that lies says
  /// what it likes.
  private mutating func close(_ index: Int, _ closed: UInt64) -> [SignedStatement] {
    let node = nodes[index]
    guard node.isUp, node.disk.consensus.epoch == closed, node.promise.epoch == closed else { return [] }
    if node.isHonest {
      nodes[index].promise = node.promise.closed
      nodes[index].certifier.close()
    }
    var (signed, log) = (node.promise.log, node.disk.log)
    if !node.isHonest, let victim = random.pick(nodes.filter(\.isHonest)) {
      switch random.number(below: 4) {
      case 0: (signed, log) = (nil, LogPoint(size: 1, root: cast.genesis.edge.root))
      case 1: (signed, log) = (victim.disk.log, victim.disk.log)
      case 2:
        let root = SHA256.hash(Array("lie \(seed)".utf8))
        log = LogPoint(size: victim.disk.log.size + 2, root: root)
        signed = log
      default: break
      }
    }
    let statement = Statement(
      ledgerID: cast.genesis.ledgerID, closedEpoch: closed, signed: signed, finalSize: node.certifier.final?.size ?? 0,
      log: log)
    let newest = nodes.filter(\.isHonest).map { keyNumber(of: index, in: $0.disk.ledger) }.max() ?? 0
    return cast.nodeKeys[index][...newest].compactMap { try? statement.signed(by: $0) }
  }

  /// What operators try, one after the other.
  private mutating func resorts(_ statements: [SignedStatement], last: Bool) -> [Resort] {
    let agreed = Set(statements.map(\.statement.log)).sorted().reversed().map(Resort.agreed)
    let early = random.chance(1, in: 4) ? random.pick(agreed).map { [$0] } ?? [] : []
    return early + [.rule] + (last ? [.incomplete] + agreed : [])
  }

  /// The opening that a node makes, with the logs of others that it could fetch.
  private func opening(_ statements: [SignedStatement], at index: Int, _ resort: Resort) -> EpochOpening? {
    let disk = nodes[index].disk
    let signers = signers(disk, since: disk.final.last?.size ?? 1)
    if options.mutation == .lowestBase {
      guard let lowest = statements.map(\.statement.log).filter({ disk.root($0.size) == $0.root }).min() else {
        return nil
      }
      return EpochOpening(
        ledgerID: cast.genesis.ledgerID, epoch: epoch + 1, base: lowest, statements: statements, links: [])
    }
    var (chosen, acceptsIncomplete): (LogPoint?, Bool) = (nil, false)
    switch resort {
    case .agreed(let log): (chosen, acceptsIncomplete) = (log, true)
    case .rule: break
    case .incomplete: acceptsIncomplete = true
    }
    do {
      return try Recovery.opening(
        statements: statements, directory: disk.ledger.directory, signers: signers,
        choosing: chosen, acceptingIncomplete: acceptsIncomplete, root: { disk.root($0) }
      ) { (first, second) throws(Failure) in
        try Proof.consistencyPath(first: first, second: second, leaves: disk.leaves)
      }
    } catch {
      trace?.note(now, "\(nodes[index].member) cannot open epoch \(epoch + 1), \(resort): \(error)")
      return nil
    }
  }

  private func signers(_ disk: Disk, since size: UInt64) -> [Signers] {
    var signers: [Signers] = []
    for size in max(1, size)...disk.log.size {
      let state = disk.states[Int(size) - 1]
      let here = Signers(disk.ledger.directory, at: state.lastLedgerTime, position: size)
      if signers.last != here { signers.append(here) }
    }
    return signers
  }

  /// A node enters the epoch by the statements that its operator has from the others: takes its log back to the base, or
  /// fetches it, and reads the new stream.
  mutating func enter(_ index: Int, from opener: Int) {
    let before = nodes[index]
    guard before.isUp, before.disk.consensus.epoch < epoch, let opening = openings[epoch] else { return }
    var disk = before.disk
    // Whatever part of the log the node shares with the base stays; the rest of the base comes from the opener.
    let source = nodes[opener].disk
    let shared = zip(disk.roots, source.roots.prefix(Int(opening.base.size))).prefix { $0 == $1 }.count
    guard source.roots.count >= Int(opening.base.size) else { return }
    let above = Array(disk.sources.dropFirst(shared - 1))
    disk.truncate(to: shared)
    disk.states += source.states[shared..<Int(opening.base.size)]
    disk.roots += source.roots[shared..<Int(opening.base.size)]
    disk.leaves += source.leaves[shared..<Int(opening.base.size)]
    disk.sources += source.sources[(shared - 1)..<(Int(opening.base.size) - 1)]
    if options.mutation != .lowestBase {
      let since = disk.final.last?.size ?? 1
      guard disk.log == opening.base, since <= disk.log.size,
        (try? Recovery.judge(
          opening, ledgerID: cast.genesis.ledgerID, epoch: epoch, directory: disk.ledger.directory,
          signers: signers(disk, since: since), root: { disk.root($0) })) != nil
      else {
        trace?.note(now, "\(before.member) does not follow the opening")
        return
      }
    }
    guard let promise = try? before.promise.closed.opening(epoch) else { return }
    if before.isHonest { checker.opened(disk, epoch: epoch, by: before.member) }
    disk.consensus = ConsensusState(epoch: epoch)
    disk.identity = nil
    disk.sequence = 0
    disk.lastMessage = nil
    disk.final = disk.final.filter { $0.size <= disk.log.size }
    nodes[index].disk = disk
    nodes[index].backup = disk
    nodes[index].promise = promise
    nodes[index].trouble = nil
    nodes[index].markNumber = 0
    nodes[index].held += above
    restart(index)
    for batch in nodes[index].held {
      engine.publish(.batch(chain: batch.chain, index: batch.index), epoch: epoch, by: index)
    }
    nodes[index].held = []
  }
}
