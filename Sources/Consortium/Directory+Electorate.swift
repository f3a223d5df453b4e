package import Primitives

extension Directory {
  /// Who can decide at that ledger time, as an entry at `position` finds it; by default as the next entry does.
  package func electorate(at time: Instant, position: UInt64 = .max) -> Electorate {
    electorate(at: time, position: position, with: Plan())
  }

  /// Cosignatures that make a checkpoint final at that ledger time.
  package func quorum(at time: Instant) -> Int { electorate(at: time).quorum }

  /// Refuses a plan that would leave the members less able to govern the ledger than they are and than they need to be:
  /// LAST_ADMIN, TOO_FEW_VOTERS, TOO_FEW_NODES or QUORUM_TOO_SMALL, with the numbers.
  func requireGovernable(_ plan: Plan, at time: Instant) throws(Failure) {
    guard plan.isConstitutional else { return }
    try electorate(at: time, with: plan).requireSufficient(comparedWith: electorate(at: time))
  }

  /// The members that can vote at that ledger time.
  func voters(at time: Instant) -> Set<MemberID> {
    let voters = officers.filter { _, ids in
      ids.contains { keys[$0].map { effectiveRoles(of: $0, at: time).contains(.admin) } ?? false }
    }
    return Set(voters.keys)
  }

  func electorate(at time: Instant, position: UInt64 = .max, with plan: Plan) -> Electorate {
    var electorate = Electorate(thresholds: plan.thresholds ?? thresholds.value(at: position))
    let newOfficers = plan.newOfficers
    for id in memberIDs + plan.newMembers {
      guard let member = plan.members[id] ?? members[id], member.joinedAt.position < position else { continue }
      let roles = member.roles.value(at: position)
      var now: Roles = []
      var lasting: Roles = []
      var possible: Roles = []
      for officer in (officers[id] ?? []) + (newOfficers[id] ?? []) {
        guard let key = plan.keys[officer] ?? keys[officer], key.registeredBy.position < position else { continue }
        let keyRoles = key.roles.intersection(roles)
        switch key.condition(under: member, at: time, position: position) {
        case .inForce:
          now.formUnion(keyRoles)
          possible.formUnion(keyRoles)
          if key.notAfter.value(at: position) ?? .latest >= time.later(hours: Self.lastingHours) {
            lasting.formUnion(keyRoles)
          }
        case .notYetValid: possible.formUnion(keyRoles)
        case .expired, .revoked, .paused, .memberSuspended, .memberRemoved: break
        }
      }
      electorate.count(now: now, lasting: lasting, possible: possible)
    }
    return electorate
  }
}

extension Electorate {
  /// Counts a member by the roles of its keys.
  fileprivate mutating func count(now: Roles, lasting: Roles, possible: Roles) {
    if now.contains(.admin) { voters += 1 }
    if lasting.contains(.admin) { lastingVoters += 1 }
    if now.contains(.node) { nodes += 1 }
    if lasting.contains(.node) { lastingNodes += 1 }
    if possible.contains(.node) { possibleNodes += 1 }
  }
}
