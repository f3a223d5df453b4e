import Consensus
import Consortium
import Ledger
import Primitives
import SeededRandom
import Signing

/// One run: nodes, engine and network as state machines in one process, everything decided by a seed. The rules are the ones
/// that nodes run: `ConsensusState`, `Certifier`, `Recovery` and `LedgerState.apply`.
package struct Simulation {
  let cast: Cast
  let seed: UInt64
  let options: Options
  var random: SplitMix64
  var engine: Engine
  var nodes: [Node]
  var checker: Checker
  /// The true time, in microseconds.
  var now: Int64 = Cast.start.microseconds
  /// Notes on their way: to whom, from whom, what.
  var network: [(to: Int, from: Int, notes: [VerifiedCosignature])] = []
  /// Nodes between which nothing passes: those on one side.
  var partition: Set<Int> = []
  /// Every cosignature that was ever made.
  var made: [LogPoint: [KeyID: VerifiedCosignature]] = [:]
  /// How many steps of governance will be submitted in this run.
  let governance: Int
  /// Whether operators know which members lie and pass over what they contradict.
  let liarsAreKnown: Bool
  /// Whether the engine shows nodes different orders, and has operators restore old disks.
  let engineLies: Bool
  /// What went on in this run, which decides what can be asked of its end.
  var hasForked = false
  var hasRestored = false
  var hasBrokenPromises = false
  var hasContradicted = false
  var recoveries = 0
  var stops = 0
  var epoch: UInt64 = 1
  /// What the operators have on paper of each epoch that was opened, whatever becomes of the engine.
  var openings: [UInt64: EpochOpening] = [:]
  let trace: Trace?

  /// The run of a seed. The last members of the cast's founders lie, as many as may.
  package init(cast: Cast, seed: UInt64, options: Options = Options()) {
    self.cast = cast
    self.seed = seed
    self.options = options
    trace = options.traces ? Trace() : nil
    var random = SplitMix64(seed: seed)
    let founders = cast.members.count - 1
    let isHasty = options.isHasty
    let mayLie = (founders - 1) / 3
    let liars = isHasty ? mayLie : random.number(below: mayLie + 1)
    let firstLiar = random.number(below: isHasty ? founders - mayLie : founders)
    governance = isHasty ? cast.script.count : random.chance(1, in: 2) ? 0 : random.number(below: cast.script.count + 1)
    liarsAreKnown = isHasty || random.chance(1, in: 2)
    engineLies = isHasty || random.chance(1, in: 3)
    engine = Engine(nodes: cast.members.count)
    let disk = Disk(cast.genesis)
    nodes = cast.members.indices.map { index in
      let lies = index < founders && (index + founders - firstLiar) % founders < liars
      return Node(
        index: index, member: cast.members[index], isHonest: !lies,
        clockOffset: Int64(random.number(below: 40_000)) - 20_000,
        disk: disk, backup: disk,
        certifier: Certifier(
          origin: cast.origin, ownKey: cast.nodeKeys[index][0].publicKey.id, lastSigned: LastSigned(), final: nil))
    }
    checker = Checker(cast: cast, mutation: options.mutation)
    self.random = random
    for index in nodes.indices { restart(index) }
  }

  /// Runs to the end or to the first violation.
  package mutating func run() -> Report {
    for _ in 0..<options.steps where checker.violation == nil { step() }
    let converged = checker.violation == nil ? mend() : false
    return Report(
      seed: seed, violation: checker.violation, trace: trace?.lines ?? [], certificates: checker.certificates,
      recoveries: recoveries,
      stops: stops,
      entries: nodes.filter(\.isHonest).map(\.disk.states.count).max() ?? 0, converged: converged)
  }

  /// One thing happens.
  private mutating func step() {
    now += Int64(random.number(below: 4_000))
    let node = random.number(below: nodes.count)
    if options.isHasty { return stepHastily(node) }
    switch random.number(below: 100) {
    case 0..<22: submit()
    case 22..<52: read(node, atMost: 1 + random.number(below: 6), faulty: true)
    case 52..<76: deliver()
    case 76..<88: mark(node)
    case 88..<91: askPeer(node)
    case 91..<93: nodes[node].isUp ? crash(node) : restart(node)
    case 93..<94: partition = random.chance(1, in: 2) ? [] : Set(nodes.indices.filter { $0 % 2 == node % 2 })
    case 94..<97: lie()
    case 97 where engineLies: deceive(node)
    default: misfortune(node)
    }
  }

  /// Somebody's people hand a batch to the engine: the next of a chain, or one that was sent before.
  mutating func submit() {
    let node = random.number(below: nodes.count)
    if governance > 0, options.isHasty ? engine.branch[node] == 1 : random.chance(1, in: 4) {
      let progress = nodes[node].disk.ledger
      let next = cast.script.prefix(governance).first { !has(progress, $0.chain, $0.index) }
      if let next { return publish(.batch(chain: next.chain, index: next.index), by: node) }
    }
    let chain = random.number(below: cast.deviceCount)
    let next = nextIndex(nodes[node].disk.ledger, chain)
    let index = random.chance(1, in: 6) ? random.number(below: next + 2) : next
    guard index < cast.chains[chain].batches.count else { return }
    publish(.batch(chain: chain, index: index), by: node)
  }

  mutating func publish(_ item: Item, by node: Int) {
    guard nodes[node].isUp, random.chance(19, in: 20) else { return }
    for _ in 0...(random.chance(1, in: 20) ? 1 : 0) { engine.publish(item, epoch: epochRead(node), by: node) }
  }

  /// The epoch whose stream a node uses.
  func epochRead(_ node: Int) -> UInt64 { nodes[node].disk.consensus.epoch }

  func has(_ ledger: LedgerState, _ chain: Int, _ index: Int) -> Bool { nextIndex(ledger, chain) > index }

  /// How many batches of a chain are in a log.
  func nextIndex(_ ledger: LedgerState, _ chain: Int) -> Int {
    guard let first = cast.chains[chain].batches.first?.header else { return 0 }
    let next = ledger.chains[first.authorKeyID]?.nextSequence ?? 1
    return Int(max(next, first.sequence) - first.sequence)
  }

  /// A node marks if its pace says so.
  mutating func mark(_ index: Int) {
    let node = nodes[index]
    guard node.isReading, node.disk.identity != nil, node.pace.isDue(at: now) else { return }
    publish(.mark(makeMark(index, log: node.disk.log, clock: now + node.clockOffset)), by: index)
    nodes[index].pace.marked(logSize: node.disk.log.size, at: now)
  }

  mutating func makeMark(_ index: Int, log: LogPoint, clock: Int64) -> VerifiedMark {
    let node = nodes[index]
    let key = cast.nodeKeys[index][node.keyNumber].publicKey.id
    nodes[index].markNumber = max(node.markNumber, node.disk.consensus.nextNumber(of: key) - 1) + 1
    let mark = Mark(
      ledgerID: cast.genesis.ledgerID, epoch: epochRead(index), number: nodes[index].markNumber,
      clock: Instant(microseconds: max(0, min(clock, Instant.latest.microseconds))), log: log)
    if node.isHonest { checker.honestClock(mark.clock) }
    return VerifiedMark(mark: mark, key: key, member: node.member)
  }

  /// A note arrives, in any order, perhaps twice.
  mutating func deliver() {
    guard !network.isEmpty else { return }
    let index = random.number(below: network.count)
    let message = network[index]
    let isCutOff = partition.contains(message.to) != partition.contains(message.from)
    guard !isCutOff || options.isHasty && !nodes[message.from].isHonest, nodes[message.to].isUp
    else { return }
    if random.chance(14, in: 15) { network.remove(at: index) }
    receive(message.notes, at: message.to, faulty: true)
  }

  /// A node asks another for what it missed: certificates, and what that node cosigned last.
  mutating func askPeer(_ index: Int) {
    let peer = random.number(below: nodes.count)
    guard nodes[index].isUp, nodes[peer].isUp, peer != index, partition.contains(index) == partition.contains(peer)
    else {
      return
    }
    hear(index, from: peer, faulty: true)
  }

  mutating func hear(_ index: Int, from peer: Int, faulty: Bool) {
    let known = nodes[index].certifier.final?.size ?? 0
    for final in nodes[peer].disk.final where final.size > known {
      receive(Array((made[final] ?? [:]).values.sorted { $0.key < $1.key }), at: index, faulty: faulty)
    }
    let keys = cast.nodeKeys[peer].map(\.publicKey.id)
    guard let last = nodes[peer].promise.log else { return }
    receive(keys.compactMap { made[last]?[$0] }, at: index, faulty: faulty)
  }

  mutating func receive(_ notes: [VerifiedCosignature], at index: Int, faulty: Bool) {
    let disk = nodes[index].disk
    let actions = nodes[index].certifier.receive(notes) { disk.root($0) }
    perform(actions, at: index, faulty: faulty)
  }
}
