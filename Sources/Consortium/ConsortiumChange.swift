package import Primitives
package import Wire

/// A consortium record, parsed: a change that is well-formed on its own.
package enum ConsortiumChange: Equatable, Sendable {
  /// How the ledger began.
  case genesis(GenesisTerms)
  /// Enrols a key of the author's own member.
  case registerKey(KeyRegistration)
  /// Ends a key of the author's own member.
  case revokeKey(KeyRevocation)
  /// Replaces a key of the author's own member.
  case rotateKey(KeyRotation)
  /// Puts a change to the vote.
  case propose(Proposal)
  /// A member's vote on a proposal.
  case vote(Vote)
  /// Takes back the proposal with that record id.
  case withdraw(Digest)

  /// Parses a record; field paths start at the record's `consortium` field.
  package init(_ wire: Cairn_V1_ConsortiumRecord) throws(Failure) {
    switch wire.change {
    case .genesis(let change):
      self = .genesis(try at("genesis") { () throws(Failure) in try GenesisTerms(change) })
    case .registerKey(let change):
      self = .registerKey(try at("register_key") { () throws(Failure) in try KeyRegistration(change) })
    case .revokeKey(let change):
      self = .revokeKey(try at("revoke_key") { () throws(Failure) in try KeyRevocation(change) })
    case .rotateKey(let change):
      self = .rotateKey(try at("rotate_key") { () throws(Failure) in try KeyRotation(change) })
    case .propose(let change):
      self = .propose(try at("propose") { () throws(Failure) in try Proposal(change) })
    case .vote(let change):
      self = .vote(try at("vote") { () throws(Failure) in try Vote(change) })
    case .withdraw(let change):
      self = .withdraw(try Digest(parsing: change.proposalID, field: "withdraw.proposal_id"))
    case nil:
      throw .malformed(
        "MISSING_CHANGE", field: "change",
        "one of genesis, register_key, revoke_key, rotate_key, propose, vote, withdraw must be present")
    }
  }
}
