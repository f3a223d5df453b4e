package import Primitives
import Signing

extension Directory {
  /// Applies the change that the record with that id and place makes, signed by the key `author`, at that ledger time.
  /// Records are applied in the order of the log. `isInLog` says whether the record that a redaction names stands, erased or
  /// not, in a batch before this one. A refusal changes nothing.
  package mutating func apply(
    _ change: ConsortiumChange, by author: KeyID, record: Digest, at place: RecordPlace, time: Instant,
    isInLog: (Redaction) throws(Failure) -> Bool
  ) throws(Failure) -> ConsortiumEffect {
    try requireNext(place, time: time)
    let key = try requireInForce(author, at: time)
    try requireAuthority(of: key, over: [.consortium], at: time)
    let effect =
      switch change {
      case .genesis:
        throw Failure(.preconditionFailed, "GENESIS_NOT_FIRST", "a genesis record stands at log position 0 only")
      case .registerKey, .rotateKey, .revokeKey:
        try applyOwn(change, by: key.memberID, at: place, time: time)
      case .propose(let proposal):
        try propose(proposal, by: key.memberID, id: record, at: place, time: time, isInLog: isInLog)
      case .vote(let vote): try cast(vote, by: key.memberID, at: place, time: time, isInLog: isInLog)
      case .withdraw(let id): try withdraw(id, by: key.memberID, at: place, time: time)
      }
    advance(to: place, time: time)
    return effect
  }

  /// Refuses a key that may not author records of all those families at that ledger time: ROLE_FORBIDS_RECORD.
  package func requireAuthority(
    of key: AuthorKey, over families: Set<RecordFamily>, at time: Instant
  ) throws(Failure) {
    let roles = effectiveRoles(of: key, at: time)
    for family in RecordFamily.allCases where families.contains(family) && !roles.mayAuthor(family) {
      let able = Roles(Role.allCases.filter { $0.mayAuthor(family) })
      throw Failure(
        .forbidden, "ROLE_FORBIDS_RECORD",
        "key \(key.publicKey.id) has the roles \(roles); \(family.rawValue) records are authored with \(able)")
    }
  }

  /// What an admin does alone with keys of its own member.
  private mutating func applyOwn(
    _ change: ConsortiumChange, by member: MemberID, at place: RecordPlace, time: Instant
  ) throws(Failure) -> ConsortiumEffect {
    var plan = Plan()
    switch change {
    case .registerKey(let registration):
      try requireOwn(registration.memberID, registration.roles, of: member)
      try register(registration, in: &plan, at: place, time: time)
    case .rotateKey(let rotation):
      let key = try known(rotation.keyID)
      try requireOwn(key.memberID, key.roles, of: member)
      plan = try rotate(rotation, at: place, time: time)
    case .revokeKey(let revocation):
      let key = try known(revocation.keyID)
      try requireOwn(key.memberID, key.roles, of: member)
      plan = try revoke(revocation, at: place)
    case .genesis, .propose, .vote, .withdraw: break
    }
    commit(plan, at: place)
    return effect(of: plan)
  }

  private func requireOwn(_ owner: MemberID, _ roles: Roles, of member: MemberID) throws(Failure) {
    guard owner == member else {
      throw Failure(
        .forbidden, "FOREIGN_MEMBER", "the key is one of \(owner); an admin of \(member) proposes it to the members")
    }
    let governing = roles.intersection(.governing)
    guard governing.isEmpty else {
      throw Failure(
        .forbidden, "VOTES_NEEDED",
        "a key with the roles \(governing) is changed by a vote of the members: propose it")
    }
  }

  /// What an action would change at `place`, if the rules allow it.
  func plan(
    _ action: ProposedAction, at place: RecordPlace, time: Instant, isInLog: (Redaction) throws(Failure) -> Bool
  ) throws(Failure) -> Plan {
    switch action {
    case .addMember(let terms, let keys): return try addMember(terms, keys: keys, at: place, time: time)
    case .suspendMember(let id): return try change(id, to: .suspended, from: .active, at: place)
    case .reinstateMember(let id): return try change(id, to: .active, from: .suspended, at: place)
    case .removeMember(let id): return try change(id, to: .removed, from: nil, at: place)
    case .changeRoles(let id, let roles): return try change(id, to: roles, at: place)
    case .registerKey(let registration):
      var plan = Plan()
      try register(registration, in: &plan, at: place, time: time)
      return plan
    case .rotateKey(let rotation): return try rotate(rotation, at: place, time: time)
    case .revokeKey(let revocation): return try revoke(revocation, at: place)
    case .changeThresholds(let thresholds): return Plan(thresholds: thresholds)
    case .pauseAuthor(let id): return try pause(id, true, at: place)
    case .resumeAuthor(let id): return try pause(id, false, at: place)
    case .redact(let redaction): return try redact(redaction, isInLog: isInLog)
    }
  }

  func effect(of plan: Plan, accepting proposal: Digest? = nil) -> ConsortiumEffect {
    ConsortiumEffect(
      keys: plan.keys.keys.sorted(), members: plan.members.keys.sorted { $0.description < $1.description },
      accepted: proposal, redaction: plan.redaction)
  }

  private func redact(_ redaction: Redaction, isInLog: (Redaction) throws(Failure) -> Bool) throws(Failure) -> Plan {
    let place = redaction.place
    let name = "record \(place.index) of position \(place.position)"
    guard !hasGovernance(at: place.position) else {
      throw Failure(.preconditionFailed, "REDACTION_OF_GOVERNANCE", "\(name) is a consortium record, which stays")
    }
    guard try isInLog(redaction) else {
      throw Failure(.notFound, "UNKNOWN_RECORD", "\(name) is not in the log or has another id than the proposal says")
    }
    guard !redactions.contains(place) else {
      throw Failure(.alreadyExists, "ALREADY_REDACTED", "\(name) was erased by an earlier vote")
    }
    return Plan(redaction: redaction)
  }

  /// Whether the batch at `position` holds consortium records.
  package func hasGovernance(at position: UInt64) -> Bool {
    var low = 0
    var high = governancePositions.count
    while low < high {
      let middle = (low + high) / 2
      if governancePositions[middle] < position { low = middle + 1 } else { high = middle }
    }
    return low < governancePositions.count && governancePositions[low] == position
  }
}
