package import Consortium
package import Primitives

/// Who may sign at one moment, and how many members it takes: what one directory says at one ledger time.
package struct Signers: Hashable, Sendable {
  /// The NODE keys in force, and whose they are.
  package let members: [KeyID: MemberID]
  /// Members whose cosignatures make a checkpoint final.
  package let quorum: Int

  /// The signers as an entry at `position` finds them, at that ledger time; by default as the next entry does.
  package init(_ directory: Directory, at time: Instant, position: UInt64 = .max) {
    let keys = directory.nodeKeys(at: time, position: position)
    self.init(
      members: Dictionary(keys.map { ($0.id, $0.memberID) }, uniquingKeysWith: { first, _ in first }),
      quorum: directory.electorate(at: time, position: position).quorum)
  }

  /// Signers of these parts.
  package init(members: [KeyID: MemberID], quorum: Int) {
    self.members = members
    self.quorum = quorum
  }

  /// Their number: members, not keys.
  package var memberCount: Int { Set(members.values).count }
  /// How many of them may lie without harm: fewer than a third.
  package var mayLie: Int { max(0, (memberCount - 1) / 3) }

  /// How many members these keys stand for; a member with several counts once.
  package func count(_ keys: some Sequence<KeyID>) -> Int { Set(keys.compactMap { members[$0] }).count }

  /// Whether these members are a quorum, with whatever keys.
  package func isQuorum(ofMembers present: Set<MemberID>) -> Bool {
    Set(members.values).intersection(present).count >= max(quorum, 1)
  }

  /// Whether these keys stand for a quorum.
  package func isQuorum(_ keys: some Sequence<KeyID>) -> Bool { count(keys) >= max(quorum, 1) }
}
