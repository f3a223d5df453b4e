package import Primitives
package import Wire

/// A change that is put to the vote, well-formed on its own.
package struct Proposal: Equatable, Sendable {
  /// What is to be done.
  package let action: ProposedAction
  /// Why, for the members who vote: at most 1,024 bytes.
  package let reason: String
  /// Votes count before this ledger time.
  package let expiresAt: Instant
  /// The message it was parsed from.
  package let wire: Cairn_V1_Proposal

  /// Parses a proposal; field paths start at the message.
  package init(_ wire: Cairn_V1_Proposal) throws(Failure) {
    action = try ProposedAction(wire)
    try requireText(wire.reason, atMost: 1_024, field: "reason")
    reason = wire.reason
    guard let expiresAt = try Instant(microseconds: wire.expiresAtMicroseconds, field: "expires_at_microseconds") else {
      throw .malformed(
        "MISSING_FIELD", field: "expires_at_microseconds", "the time at which the votes stop counting must be present")
    }
    self.expiresAt = expiresAt
    self.wire = wire
  }
}

/// What a proposal does when it takes effect.
package enum ProposedAction: Equatable, Sendable {
  /// A new member, with its first keys.
  case addMember(MemberTerms, keys: [KeyRegistration])
  /// A member's keys stop authoring, voting and reading.
  case suspendMember(MemberID)
  /// Ends a suspension.
  case reinstateMember(MemberID)
  /// A member leaves for good.
  case removeMember(MemberID)
  /// All roles a member's keys may have from then on.
  case changeRoles(MemberID, Roles)
  /// Registers any key.
  case registerKey(KeyRegistration)
  /// Replaces any key.
  case rotateKey(KeyRotation)
  /// Ends any key.
  case revokeKey(KeyRevocation)
  /// How many members decide.
  case changeThresholds(Thresholds)
  /// A key stops authoring.
  case pauseAuthor(KeyID)
  /// Ends a pause.
  case resumeAuthor(KeyID)
  /// Erases a record's payload and salt.
  case redact(Redaction)

  init(_ wire: Cairn_V1_Proposal) throws(Failure) {
    switch wire.action {
    case .addMember(let action): self = try at("add_member") { () throws(Failure) in try Self.addMember(action) }
    case .suspendMember(let action):
      self = .suspendMember(try MemberID(parsing: action.memberID, field: "suspend_member.member_id"))
    case .reinstateMember(let action):
      self = .reinstateMember(try MemberID(parsing: action.memberID, field: "reinstate_member.member_id"))
    case .removeMember(let action):
      self = .removeMember(try MemberID(parsing: action.memberID, field: "remove_member.member_id"))
    case .changeRoles(let action):
      let memberID = try MemberID(parsing: action.memberID, field: "change_roles.member_id")
      self = .changeRoles(
        memberID, try at("change_roles.roles") { () throws(Failure) in try Roles(action.roles) })
    case .registerKey(let action):
      self = .registerKey(try at("register_key") { () throws(Failure) in try KeyRegistration(action) })
    case .rotateKey(let action):
      self = .rotateKey(try at("rotate_key") { () throws(Failure) in try KeyRotation(action) })
    case .revokeKey(let action):
      self = .revokeKey(try at("revoke_key") { () throws(Failure) in try KeyRevocation(action) })
    case .changeThresholds(let action): self = .changeThresholds(Thresholds(action))
    case .pauseAuthor(let action): self = .pauseAuthor(try KeyID(parsing: action.keyID, field: "pause_author.key_id"))
    case .resumeAuthor(let action):
      self = .resumeAuthor(try KeyID(parsing: action.keyID, field: "resume_author.key_id"))
    case .redact(let action): self = .redact(try at("redact") { () throws(Failure) in try Redaction(action) })
    case nil: throw .malformed("MISSING_ACTION", field: "action", "one of the proposal's actions must be present")
    }
  }

  private static func addMember(_ wire: Cairn_V1_AddMember) throws(Failure) -> ProposedAction {
    let terms = try at("member") { () throws(Failure) in try MemberTerms(wire.member) }
    let keys = try at("keys") { () throws(Failure) in try KeyRegistration.list(wire.keys, atMost: 100) }
    for (index, key) in keys.enumerated() {
      guard key.memberID == terms.id else {
        throw .malformed("FOREIGN_MEMBER", field: "keys[\(index)].member_id", "\(key.memberID); \(terms.id) expected")
      }
      if let excess = key.excess(over: terms.roles) {
        throw .malformed("ROLE_NOT_HELD", field: "keys[\(index)].roles", excess)
      }
    }
    return .addMember(terms, keys: keys)
  }
}
