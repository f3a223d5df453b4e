import Checkpoints
package import Consortium
package import Primitives

extension Certifier {
  /// The log has `size` entries, of which the last has that ledger time, on disk. Called after every entry, in order; on start
  /// for every entry after the final checkpoint's last one, that one included. `directory` may be a later one.
  package mutating func appended(size: UInt64, time: Instant, directory: Directory) {
    logSize = max(logSize, size)
    if directory.revision != revision {
      revision = directory.revision
      for key in directory.keys.values where key.roles.contains(.node) && nodes[key.id] == nil {
        nodes[key.id] = CosignerNode(key, origin: origin)
      }
    }
    history.record(charge(directory, time, size), at: size)
  }

  /// The node starts, and this was the last checkpoint that lay in its log.
  package mutating func resumed(at checkpoint: LogPoint) { open(checkpoint) }

  /// The node has caught up from its peers, and `checkpoint`, which its log has reached by that, was proven to be FINAL. Called
  /// before `appended` for its last entry and all after it: what lies between is nobody's to certify any more.
  package mutating func proven(_ checkpoint: LogPoint) {
    if checkpoint.size > final?.size ?? 0 { settle(checkpoint) }
  }

  /// A mark was counted, and `checkpoint`, if any, lies there. Called after what comes before it is on disk.
  package mutating func counted(_ mark: VerifiedMark, checkpoint: LogPoint?, root: RootSource) -> [Action] {
    if let checkpoint { open(checkpoint) }
    let isAtRest = ownKeys.contains(mark.key) && confirmed[mark.member] == mark.mark.log.size
    unconfirmed[mark.key] = mark
    var actions = confirm(root) + takeEarly(root)
    actions += advance(root)
    if isAtRest, !actions.contains(where: \.isCosign), let promise = unansweredPromise {
      actions.append(.cosign(promise))
    }
    return actions
  }

  /// A signed note from anybody, a cosignature or a certificate: cosignatures of this log count, whatever else it is. Junk does
  /// nothing.
  package mutating func receive(_ note: String, root: RootSource) -> [Action] {
    receive(verified(note), root: root)
  }

  /// Cosignatures of one log, of different keys, that were checked.
  package mutating func receive(_ cosignatures: [VerifiedCosignature], root: RootSource) -> [Action] {
    let known = cosignatures.filter { nodes[$0.key] != nil }
    guard let log = known.first?.log else { return [] }
    guard log.size <= logSize else {
      for cosignature in known { keepEarly(cosignature) }
      return []
    }
    var actions = known.flatMap { take($0, root) }
    if known.count > 1, ours(log.size, root) == log.root, let action = certify(log, known) { actions.append(action) }
    return actions + advance(root)
  }
}
