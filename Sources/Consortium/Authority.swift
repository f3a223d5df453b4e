package import Primitives

/// What a key could do at one position of the log and one ledger time.
package struct Authority: Equatable, Sendable {
  /// An entry at this position finds what follows.
  package let position: UInt64
  /// The ledger time at that position.
  package let time: Instant
  /// The key; its timelines go on after the position.
  package let key: AuthorKey
  /// Its member; its timelines go on after the position.
  package let member: Member
  /// Whether the key was in force, or why not.
  package let condition: KeyCondition
  /// What it could do: its roles as far as its member held them, none while it was not in force.
  package let effectiveRoles: Roles
  /// The roles that its member's keys could have.
  package let memberRoles: Roles
  /// How its member stood.
  package let standing: Standing
  /// The ledger time before which it was valid; nil means without end.
  package let notAfter: Instant?
  /// Whether a vote held it up.
  package let isPaused: Bool
  /// How it had been revoked, if it had.
  package let revocation: AuthorKey.Revocation?
}

extension Directory {
  /// What a key could do for an entry at `position` with that ledger time; notFound UNKNOWN_KEY if it was not registered
  /// at a lower position.
  package func authority(of id: KeyID, at position: UInt64, time: Instant) throws(Failure) -> Authority {
    guard let key = keys[id], key.registeredBy.position < position, let member = members[key.memberID] else {
      throw Failure(.notFound, "UNKNOWN_KEY", "key \(id) was not registered before log position \(position)")
    }
    let revocation = key.revocation.flatMap { $0.place.position < position ? $0 : nil }
    return Authority(
      position: position, time: time, key: key, member: member,
      condition: condition(of: key, at: time, position: position),
      effectiveRoles: effectiveRoles(of: key, at: time, position: position),
      memberRoles: member.roles.value(at: position), standing: member.standing.value(at: position),
      notAfter: key.notAfter.value(at: position), isPaused: key.pause.value(at: position), revocation: revocation)
  }

  /// How many of a member's keys were in force for an entry at `position` with that ledger time.
  package func keysInForce(of member: MemberID, at position: UInt64 = .max, time: Instant) -> Int {
    keys.values.count {
      $0.memberID == member && $0.registeredBy.position < position
        && condition(of: $0, at: time, position: position) == .inForce
    }
  }
}
