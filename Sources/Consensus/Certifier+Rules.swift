import Checkpoints
import Primitives

extension Certifier.Action {
  var isCosign: Bool { if case .cosign = self { true } else { false } }
}

extension Certifier {
  /// Takes a checkpoint in; the oldest give way.
  mutating func open(_ checkpoint: LogPoint) {
    guard isAhead(checkpoint.size) else { return }
    checkpoints.append(checkpoint)
    if checkpoints.count > EngineLimits.openCheckpoints { cosignatures[checkpoints.removeFirst().size] = nil }
  }

  /// Compares what marks say with our log, as soon as that is long enough.
  mutating func confirm(_ root: RootSource) -> [Action] {
    var actions: [Action] = []
    for (key, mark) in unconfirmed.sorted(by: { $0.key < $1.key }) where mark.mark.log.size <= logSize {
      let theirs = mark.mark.log
      guard let ours = ours(theirs.size, root) else { continue }
      unconfirmed[key] = nil
      if ours == theirs.root {
        confirmed[mark.member] = max(confirmed[mark.member] ?? 0, theirs.size)
      } else {
        actions += stop(
          Divergence(theirs: theirs, ours: ours, member: mark.member, key: key, evidence: .mark(mark)))
      }
    }
    return actions
  }

  /// Keeps a cosignature of what is no checkpoint here yet; of one key's the smallest give way.
  mutating func keepEarly(_ cosignature: VerifiedCosignature) {
    var kept = early[cosignature.key] ?? [:]
    kept[cosignature.log.size] = cosignature
    if kept.count > EngineLimits.earlyCosignatures, let least = kept.keys.min() { kept[least] = nil }
    early[cosignature.key] = kept
  }

  /// Takes in the cosignatures of logs that ours has reached by now.
  mutating func takeEarly(_ root: RootSource) -> [Action] {
    var actions: [Action] = []
    for (key, kept) in early.sorted(by: { $0.key < $1.key }) {
      let reached = kept.values.filter { $0.log.size <= logSize }
      if reached.isEmpty { continue }
      let left = kept.filter { $0.key > logSize }
      early[key] = left.isEmpty ? nil : left
      for cosignature in reached.sorted(by: { $0.log < $1.log }) { actions += take(cosignature, root) }
    }
    return actions
  }

  /// Counts a cosignature of a part of our log, or finds that it is of another log.
  mutating func take(_ cosignature: VerifiedCosignature, _ root: RootSource) -> [Action] {
    let (log, key) = (cosignature.log, cosignature.key)
    guard let ours = ours(log.size, root) else { return [] }
    guard ours == log.root else {
      let evidence = Divergence.Evidence.cosignature(note: note(of: log, [cosignature]))
      return stop(Divergence(theirs: log, ours: ours, member: nodes[key]?.member, key: key, evidence: evidence))
    }
    if isOpen(log.size) {
      cosignatures[log.size, default: [:]][key] = cosignature
    } else if isAhead(log.size) {
      // Who cosigned it has counted a mark that is still on its way to us, and made a checkpoint there.
      keepEarly(cosignature)
    }
    return []
  }

  /// Our root over so many entries; nil where it cannot be said.
  func ours(_ size: UInt64, _ root: RootSource) -> Digest? {
    (checkpoints.last { $0.size == size } ?? settled.last { $0.size == size })?.root ?? root(size)
  }

  /// Whether a checkpoint of that size is still to come: behind the latest one, and behind what is final.
  private func isAhead(_ size: UInt64) -> Bool { size > final?.size ?? 0 && size > checkpoints.last?.size ?? 0 }

  func isOpen(_ size: UInt64) -> Bool { checkpoints.contains { $0.size == size } }

  /// Notes a contradiction; says nothing if it is known or was dismissed.
  mutating func stop(_ divergence: Divergence) -> [Action] {
    if let key = divergence.key, dismissed.contains(key) { return [] }
    let isKnown = divergences.contains { $0.key == divergence.key && $0.theirs.size == divergence.theirs.size }
    guard !isKnown, divergences.count < EngineLimits.divergences else { return [] }
    divergences.append(divergence)
    return [.stop(divergence)]
  }

  /// Certifies and cosigns what can be by now.
  mutating func advance(_ root: RootSource) -> [Action] {
    guard !isStopped else { return [] }
    var actions: [Action] = []
    for checkpoint in checkpoints.reversed() {
      guard let present = cosignatures[checkpoint.size], let action = certify(checkpoint, Array(present.values)) else {
        continue
      }
      actions.append(action)
      break
    }
    if let divergence = brokenPromise(root) { return actions + stop(divergence) }
    if keepsPromise, !lastSigned.isClosed, let next = nextToCosign {
      lastSigned = lastSigned.signing(next)
      issued = next
      actions.append(.cosign(lastSigned))
    }
    return actions
  }

  /// Makes a checkpoint FINAL if these cosignatures are enough.
  mutating func certify(_ log: LogPoint, _ cosignatures: [VerifiedCosignature]) -> Action? {
    guard !isStopped, log.size > final?.size ?? 0, isQuorum(cosignatures.map(\.key), for: log) else { return nil }
    let named = cosignatures.compactMap { cosignature in nodes[cosignature.key].map { ($0.member, cosignature) } }
    let ordered = named.sorted {
      ($0.0.description, $0.1.key) < ($1.0.description, $1.1.key)
    }
    let members = ordered.map(\.0).reduce(into: [MemberID]()) { if $0.last != $1 { $0.append($1) } }
    settle(log)
    return .certified(Certificate(log: log, members: members, note: note(of: log, ordered.map(\.1))))
  }

  /// Whether these keys are a quorum under every directory from that of the last FINAL checkpoint to that of this one.
  func isQuorum(_ keys: [KeyID], for log: LogPoint) -> Bool {
    let signers = signers(of: log)
    return !signers.isEmpty && signers.allSatisfy { $0.isQuorum(keys) }
  }

  /// Each of whose quorums it takes to make that log FINAL.
  private func signers(of log: LogPoint) -> [Signers] { jury(history.signers(from: final?.size ?? 1, to: log.size)) }

  /// The largest checkpoint that a quorum has on disk, unless it is cosigned already.
  private var nextToCosign: LogPoint? {
    let largest = checkpoints.last { isOnDisk($0) }
    guard let largest, largest != issued, largest.size >= lastSigned.size else { return nil }
    return signers(of: largest).contains { !ownKeys.isDisjoint(with: $0.members.keys) } ? largest : nil
  }

  /// Whether a quorum has said that it has this part of our log.
  func isOnDisk(_ log: LogPoint) -> Bool {
    let signers = signers(of: log)
    return !signers.isEmpty && signers.allSatisfy { $0.isQuorum(ofMembers: whoHas(log)) }
  }

  /// The members that have said that they have this part of our log on their disk.
  func whoHas(_ log: LogPoint) -> Set<MemberID> { Set(confirmed.filter { $0.value >= log.size }.keys) }

  /// What this node cosigned and nobody has answered.
  var unansweredPromise: LastSigned? {
    guard !isStopped, keepsPromise, !lastSigned.isClosed, let log = lastSigned.log, checkpoints.contains(log) else {
      return nil
    }
    return lastSigned
  }

  /// That our log is not the one that this node cosigned; looked into once, when our log is long enough.
  private mutating func brokenPromise(_ root: RootSource) -> Divergence? {
    guard !keepsPromise else { return nil }
    guard let log = lastSigned.log else {
      keepsPromise = true
      return nil
    }
    guard log.size <= logSize, let ours = ours(log.size, root) else { return nil }
    keepsPromise = ours == log.root
    return keepsPromise ? nil : Divergence(theirs: log, ours: ours, member: nil, key: nil, evidence: .promise)
  }

  mutating func settle(_ log: LogPoint) {
    final = log
    settled.append(contentsOf: checkpoints.filter { $0.size < log.size } + [log])
    settled.removeFirst(max(0, settled.count - EngineLimits.openCheckpoints))
    checkpoints.removeAll { $0.size <= log.size }
    cosignatures = cosignatures.filter { $0.key > log.size }
    history.forget(before: log.size)
  }
}
