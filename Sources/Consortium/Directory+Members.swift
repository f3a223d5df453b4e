import Primitives

extension Directory {
  /// Plans that a member's standing changes from one of `before`.
  func change(
    _ id: MemberID, to standing: Standing, from before: Standing?, at place: RecordPlace
  ) throws(Failure) -> Plan {
    var member = try staying(id)
    if let before, member.standing.latest != before {
      throw Failure(
        .preconditionFailed, before == .active ? "MEMBER_ALREADY_SUSPENDED" : "MEMBER_NOT_SUSPENDED",
        "member \(id) is \(member.standing.latest.rawValue); only one that is \(before.rawValue) can be made "
          + standing.rawValue)
    }
    member.standing.record(standing, at: place.position)
    return changing(member)
  }

  /// Plans that a member's keys may have other roles.
  func change(_ id: MemberID, to roles: Roles, at place: RecordPlace) throws(Failure) -> Plan {
    var member = try staying(id)
    member.roles.record(roles, at: place.position)
    return changing(member)
  }

  /// Plans a new member with its first keys.
  func addMember(
    _ terms: MemberTerms, keys: [KeyRegistration], at place: RecordPlace, time: Instant
  ) throws(Failure) -> Plan {
    if let member = members[terms.id] {
      throw Failure(
        .alreadyExists, "MEMBER_ID_TAKEN",
        "\(terms.id) joined at log position \(member.joinedAt.position); a member's id is never given to another")
    }
    var plan = Plan()
    add(terms, to: &plan, at: place)
    for registration in keys { try register(registration, in: &plan, at: place, time: time) }
    return plan
  }

  /// A member that a change names and that has not left; notFound UNKNOWN_MEMBER or preconditionFailed MEMBER_REMOVED.
  func staying(_ id: MemberID) throws(Failure) -> Member {
    guard let member = members[id] else {
      throw Failure(.notFound, "UNKNOWN_MEMBER", "\(id) is no member of this consortium")
    }
    guard member.standing.latest != .removed else {
      throw Failure(.preconditionFailed, "MEMBER_REMOVED", "\(id) was removed from the consortium for good")
    }
    return member
  }

  private func changing(_ member: Member) -> Plan {
    var plan = Plan()
    plan.members[member.id] = member
    return plan
  }
}
