import Consensus
import Consortium
import Ledger
import Merkle
import Primitives
import Signing

extension Simulation {
  /// A node reads on in the stream: applies, commits, certifies, and may crash after any of it.
  mutating func read(_ index: Int, atMost count: Int, faulty: Bool) {
    guard nodes[index].isReading, let view = engine.view(epochRead(index), for: index) else { return }
    var disk = nodes[index].disk
    // A node that has read nothing yet asks its peers which stream the first epoch's is.
    let expected = disk.identity ?? (disk.consensus.epoch == 1 ? 1 : view.identity)
    guard expected == view.identity else { return suspend(index, .lost) }
    let isThere = disk.sequence <= view.messages.count
    guard isThere, disk.sequence == 0 || view.messages[disk.sequence - 1].number == disk.lastMessage else {
      return suspend(index, .rolledBack)
    }
    guard disk.sequence > 0 || begins(view.messages, disk) else { return suspend(index, .lost) }
    disk.identity = view.identity
    var applied: [Applied] = []
    for message in view.messages[disk.sequence...].prefix(count) {
      if let event = apply(message.item, to: &disk) { applied.append(event) }
      disk.lastMessage = message.number
      disk.sequence += 1
    }
    if faulty, random.chance(1, in: 60) { return crash(index) }
    nodes[index].disk = disk
    if faulty, random.chance(1, in: 60) { return crash(index) }
    nodes[index].pace.applied(logSize: disk.log.size)
    tell(index, applied, faulty: faulty)
  }

  /// Whether a stream begins as its epoch does: the first with anything, each later one with the opening that the node follows.
  private func begins(_ messages: [Message], _ disk: Disk) -> Bool {
    guard disk.consensus.epoch > 1 else { return true }
    guard case .opening(let opening) = messages.first?.item else { return false }
    return opening.epoch == disk.consensus.epoch && opening.base == disk.log
  }

  private mutating func suspend(_ index: Int, _ trouble: Node.Trouble) {
    if nodes[index].trouble == nil { trace?.note(now, "\(nodes[index].member) finds the engine \(trouble.rawValue)") }
    nodes[index].trouble = trouble
  }

  /// Applies a message as every node does; what is refused is skipped.
  private mutating func apply(_ item: Item, to disk: inout Disk) -> Applied? {
    switch item {
    case .opening: return nil
    case .mark(let mark):
      do { return .mark(mark, try disk.consensus.apply(mark, ledger: disk.ledger)) } catch { return nil }
    case .batch(let chain, let number):
      var ledger = disk.ledger
      var time = disk.consensus.time(directory: ledger.directory, after: ledger.lastLedgerTime)
      if options.mutation == .latestClock { time = max(time, disk.consensus.clocks.values.max() ?? time) }
      guard
        case .appended(let entry) = try? ledger.apply(
          cast.chains[chain].batches[number], at: time, isInLog: { _ in false })
      else { return nil }
      checker.entry(entry, after: disk.ledger.lastLedgerTime)
      disk.states.append(ledger)
      disk.roots.append(ledger.edge.root)
      disk.leaves.append(MerkleTree.leafHash(entry.entry))
      disk.sources.append((chain, number))
      checker.knows(disk)
      return .entry(size: ledger.edge.size, time: ledger.lastLedgerTime)
    }
  }

  /// Tells a node's certifier what reached disk, in order.
  private mutating func tell(_ index: Int, _ applied: [Applied], faulty: Bool) {
    let disk = nodes[index].disk
    for event in applied where nodes[index].isUp {
      switch event {
      case .entry(let size, let time):
        nodes[index].certifier.appended(size: size, time: time, directory: disk.ledger.directory)
      case .mark(let mark, let checkpoint):
        if options.mutation == .cosignsUnprepared { pretend(index, mark) }
        let actions = nodes[index].certifier.counted(mark, checkpoint: checkpoint) { disk.root($0) }
        perform(actions, at: index, faulty: faulty)
      }
    }
  }

  /// Has the certifier believe that everybody has this node's log.
  private mutating func pretend(_ index: Int, _ mark: VerifiedMark) {
    let disk = nodes[index].disk
    for other in nodes.indices {
      for key in cast.nodeKeys[other] {
        let said = Mark(
          ledgerID: mark.mark.ledgerID, epoch: mark.mark.epoch, number: mark.mark.number, clock: mark.mark.clock,
          log: disk.log)
        let mark = VerifiedMark(mark: said, key: key.publicKey.id, member: nodes[other].member)
        _ = nodes[index].certifier.counted(mark, checkpoint: nil) { disk.root($0) }
      }
    }
  }

  /// Does what the certifier says; a crash may come before and after everything that lasts.
  mutating func perform(_ actions: [Certifier.Action], at index: Int, faulty: Bool) {
    for action in actions where nodes[index].isUp {
      switch action {
      case .cosign(let promise):
        guard let log = promise.log else { continue }
        if faulty, random.chance(1, in: 80) { return crash(index) }
        nodes[index].promise = promise
        if faulty, random.chance(1, in: 80) { return crash(index) }
        cosign(log, by: index, to: nodes.indices.filter { $0 != index })
      case .certified(let certificate):
        nodes[index].disk.final.append(certificate.log)
        trace?.note(
          now, "\(nodes[index].member) has \(certificate.log) FINAL by \(certificate.members.map(\.description))")
        if nodes[index].isHonest { checker.certified(certificate.log, by: nodes[index].member) }
      case .stop(let divergence):
        stops += nodes[index].isHonest ? 1 : 0
        trace?.note(
          now, "\(nodes[index].member) stops: \(divergence.member?.description ?? "itself") has \(divergence.theirs)")
      }
    }
  }

  /// Makes a cosignature and sends it; some of what is sent is lost.
  mutating func cosign(_ log: LogPoint, by index: Int, to receivers: [Int]) {
    let keys = cast.nodeKeys[index][...nodes[index].keyNumber].map(\.publicKey.id)
    let cosignatures = keys.map { VerifiedCosignature(log: log, key: $0, line: cast.line, logLine: nil) }
    for cosignature in cosignatures { made[log, default: [:]][cosignature.key] = cosignature }
    trace?.note(now, "\(nodes[index].member) cosigns \(log)")
    if nodes[index].isHonest { checker.cosigned(log, by: nodes[index].member) }
    for receiver in receivers where random.chance(9, in: 10) && network.count < 400 {
      network.append((receiver, index, cosignatures))
    }
    if nodes[index].isHonest { receive(cosignatures, at: index, faulty: false) }
  }

  /// The process ends: what is not on disk is gone.
  mutating func crash(_ index: Int) {
    guard nodes[index].isUp else { return }
    trace?.note(now, "\(nodes[index].member) crashes")
    nodes[index].isUp = false
  }

  /// The process begins again from what is on disk.
  mutating func restart(_ index: Int) {
    var node = nodes[index]
    node.isUp = true
    if options.mutation == .forgetsLastSigned {
      node.promise = LastSigned(epoch: node.promise.epoch, isClosed: node.promise.isClosed)
    }
    node.keyNumber = keyNumber(of: index, in: node.disk.ledger)
    node.pace = MarkPace()
    node.pace.applied(logSize: node.disk.log.size)
    let disk = node.disk
    let known = disk.final.last
    let liars = liarsAreKnown ? nodes.filter { !$0.isHonest }.map(\.index) : []
    node.certifier = Certifier(
      origin: cast.origin, ownKey: cast.nodeKeys[index][node.keyNumber].publicKey.id,
      furtherKeys: Set(cast.nodeKeys[index][..<node.keyNumber].map(\.publicKey.id)), lastSigned: node.promise,
      final: known, dismissed: Set(liars.flatMap { cast.nodeKeys[$0].map(\.publicKey.id) }), charge: charge,
      jury: jury)
    for size in max(1, known?.size ?? 1)...disk.log.size {
      node.certifier.appended(
        size: size, time: disk.states[Int(size) - 1].lastLedgerTime, directory: disk.ledger.directory)
    }
    let checkpoint = disk.consensus.checkpointSize
    if checkpoint > 0, let root = disk.root(checkpoint) {
      node.certifier.resumed(at: LogPoint(size: checkpoint, root: root))
    }
    nodes[index] = node
    trace?.note(now, "\(node.member) runs with \(disk.log), promised \(node.promise.log?.description ?? "nothing")")
  }

  /// Who signs, as the rule says or as it is broken.
  private var charge: Certifier.Charge {
    guard options.mutation == .smallQuorum else { return Certifier.whoIsInCharge }
    return { directory, time, position in
      let signers = Signers(directory, at: time, position: position)
      return Signers(members: signers.members, quorum: signers.mayLie + 1)
    }
  }

  /// Whose quorums it takes, as the rule says or as it is broken.
  private var jury: Certifier.Jury {
    guard options.mutation == .onlyLatestMembers else { return Certifier.everyone }
    return { Array($0.suffix(1)) }
  }

  /// The newest key that a node's member has for it by a ledger.
  func keyNumber(of index: Int, in ledger: LedgerState) -> Int {
    let keys = cast.nodeKeys[index].map(\.publicKey.id)
    let inForce = Set(ledger.directory.nodeKeys(at: ledger.lastLedgerTime).map(\.id))
    return keys.lastIndex { inForce.contains($0) } ?? 0
  }
}
