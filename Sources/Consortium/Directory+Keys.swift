import Primitives
import Signing

extension Directory {
  /// Plans a new member.
  func add(_ terms: MemberTerms, to plan: inout Plan, at place: RecordPlace) {
    plan.members[terms.id] = Member(terms, joinedAt: place)
    plan.newMembers.append(terms.id)
  }

  /// Plans a new key of a member who has not left.
  func register(
    _ registration: KeyRegistration, in plan: inout Plan, at place: RecordPlace, time: Instant
  ) throws(Failure) {
    let member = try member(registration.memberID, in: plan)
    if let excess = registration.excess(over: member.roles.latest) {
      throw Failure(.preconditionFailed, "ROLE_NOT_HELD", excess)
    }
    try insert(AuthorKey(registration, registeredBy: place), in: &plan, time: time)
  }

  /// Plans a key's replacement.
  func rotate(_ rotation: KeyRotation, at place: RecordPlace, time: Instant) throws(Failure) -> Plan {
    var old = try known(rotation.keyID)
    try condition(of: old, at: time).requireInForce(old.id, at: time, .preconditionFailed)
    guard rotation.successor.mayHave(old.roles) else {
      throw Failure(.preconditionFailed, "NODE_KEY_SUITE", PublicKey.nodeSuite)
    }
    if let end = old.notAfter.latest, end < rotation.overlapUntil {
      throw Failure(
        .preconditionFailed, "OVERLAP_TOO_LATE",
        "overlap_until_microseconds: \(rotation.overlapUntil); key \(old.id) itself is valid before \(end) only")
    }
    old.notAfter.record(rotation.overlapUntil, at: place.position)
    old.changedBy.append(place)
    var plan = Plan()
    plan.keys[old.id] = old
    try insert(AuthorKey(rotation, of: old, registeredBy: place), in: &plan, time: time)
    return plan
  }

  /// Plans a key's end.
  func revoke(_ revocation: KeyRevocation, at place: RecordPlace) throws(Failure) -> Plan {
    var key = try unrevoked(revocation.keyID)
    key.revocation = AuthorKey.Revocation(
      place: place, reason: revocation.reason, compromisedSince: revocation.compromisedSince)
    return changing(key, at: place)
  }

  /// Plans that a vote holds a key up, or does so no longer.
  func pause(_ id: KeyID, _ isPaused: Bool, at place: RecordPlace) throws(Failure) -> Plan {
    var key = try unrevoked(id)
    guard key.pause.latest != isPaused else {
      throw Failure(
        .preconditionFailed, isPaused ? "KEY_ALREADY_PAUSED" : "KEY_NOT_PAUSED",
        "key \(id) is \(isPaused ? "paused already" : "not paused")")
    }
    key.pause.record(isPaused, at: place.position)
    return changing(key, at: place)
  }

  /// A key that a change names; notFound UNKNOWN_KEY when there is none.
  func known(_ id: KeyID) throws(Failure) -> AuthorKey {
    guard let key = keys[id] else {
      throw Failure(.notFound, "UNKNOWN_KEY", "key \(id) is not registered in this ledger")
    }
    return key
  }

  private func member(_ id: MemberID, in plan: Plan) throws(Failure) -> Member {
    if let joining = plan.members[id] { return joining }
    return try staying(id)
  }

  private func unrevoked(_ id: KeyID) throws(Failure) -> AuthorKey {
    let key = try known(id)
    if let revocation = key.revocation {
      throw Failure(
        .alreadyExists, "KEY_ALREADY_REVOKED", "key \(id) was revoked at log position \(revocation.place.position)")
    }
    return key
  }

  private func changing(_ key: AuthorKey, at place: RecordPlace) -> Plan {
    var key = key
    key.changedBy.append(place)
    var plan = Plan()
    plan.keys[key.id] = key
    return plan
  }

  private func insert(_ key: AuthorKey, in plan: inout Plan, time: Instant) throws(Failure) {
    if let place = keys[key.id]?.registeredBy ?? plan.keys[key.id]?.registeredBy {
      throw Failure(
        .alreadyExists, "KEY_ALREADY_REGISTERED",
        "key \(key.id) was registered at log position \(place.position); a key is registered once")
    }
    if let end = key.notAfter.latest, end <= time {
      throw Failure(
        .preconditionFailed, "KEY_EXPIRED", "key \(key.id) would be valid before \(end); the ledger's time is \(time)")
    }
    plan.keys[key.id] = key
    plan.newKeys.append(key.id)
  }
}
