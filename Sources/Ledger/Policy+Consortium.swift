package import Checkpoints
package import Consortium
package import Primitives

extension Policy {
  /// Whose signatures make a checkpoint of `origin`, as the consortium's records say at that ledger time: a NODE key's as the
  /// log, and cosignatures of the quorum's members, of each by any of its NODE keys. Where one member is the quorum the log's
  /// signature is enough. A member with several keys is a group of its own, of `<member>/1`, `<member>/2` and so on.
  package init(of directory: Directory, origin: String, at time: Instant) throws(Failure) {
    let keys = directory.nodeKeys(at: time)
    var logs: [VerifierKey] = []
    for key in keys { logs.append(try VerifierKey(name: origin, kind: .note, publicKey: key.publicKey)) }
    let quorum = directory.quorum(at: time)
    guard quorum > 1 else {
      try self.init(logs: logs)
      return
    }
    var witnesses: [Witness] = []
    var groups: [Group] = []
    var members: [String] = []
    for member in directory.memberIDs {
      let own = keys.filter { $0.memberID == member }
      guard let first = own.first else { continue }
      let name = Self.reserved.contains(member.description) ? "\(member)/member" : member.description
      members.append(name)
      guard own.count > 1 else {
        witnesses.append(Witness(name: name, key: try first.cosignerKey(origin: origin)))
        continue
      }
      for (number, key) in own.enumerated() {
        witnesses.append(Witness(name: "\(member)/\(number + 1)", key: try key.cosignerKey(origin: origin)))
      }
      groups.append(Group(name: name, threshold: 1, members: own.indices.map { "\(member)/\($0 + 1)" }))
    }
    groups.append(Group(name: Self.quorumName, threshold: quorum, members: members))
    try self.init(logs: logs, witnesses: witnesses, groups: groups, quorum: Self.quorumName)
  }

  private static let quorumName = "quorum"
  private static let reserved: Set<String> = [quorumName, "none"]
}

extension AuthorKey {
  /// The key as that of a cosigner of the log `origin`: its name is `<origin>/<member>`.
  package func cosignerKey(origin: String) throws(Failure) -> VerifierKey {
    try VerifierKey(name: "\(origin)/\(memberID)", kind: .cosignature, publicKey: publicKey)
  }
}
