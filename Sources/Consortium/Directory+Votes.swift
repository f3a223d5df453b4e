import Primitives

extension Directory {
  /// What was decided on a proposal by the votes it has.
  private enum Decision {
    case open
    case accepted(supporters: [RecordPlace])
    case rejected
  }

  /// Opens a proposal; its member votes for it with the same record.
  mutating func propose(
    _ proposal: Proposal, by member: MemberID, id: Digest, at place: RecordPlace, time: Instant,
    isInLog: (Redaction) throws(Failure) -> Bool
  ) throws(Failure) -> ConsortiumEffect {
    guard proposals[id] == nil else {
      throw Failure(.alreadyExists, "PROPOSAL_EXISTS", "the very same record proposed this before; draw a fresh salt")
    }
    try requireExpiry(of: proposal, at: time)
    let open = openProposals.filter { proposals[$0]?.state(at: time) == .open }
    try requireRoom(for: member, among: open)
    var proposalCase = ProposalCase(proposal, id: id, by: member, at: place)
    let plan = try plan(proposal.action, at: place, time: time, isInLog: isInLog)
    try requireGovernable(plan, at: time)
    let effect = settle(&proposalCase, decision(on: proposalCase, at: time), by: plan, at: place)
    record(proposalCase, open: open + [id])
    return effect
  }

  /// Counts a member's vote; of several the latest.
  mutating func cast(
    _ vote: Vote, by member: MemberID, at place: RecordPlace, time: Instant,
    isInLog: (Redaction) throws(Failure) -> Bool
  ) throws(Failure) -> ConsortiumEffect {
    var proposalCase = try openCase(vote.proposalID, at: time)
    guard vote.choice == .approve || member != proposalCase.memberID else {
      throw Failure(
        .preconditionFailed, "WITHDRAW_INSTEAD",
        "\(member) made proposal \(vote.proposalID) and voted for it with that; it takes it back by withdrawing it")
    }
    proposalCase.cast(vote.choice, by: member, at: place)
    var plan = Plan()
    let decision = decision(on: proposalCase, after: vote.choice, at: time)
    if case .accepted = decision {
      plan = try self.plan(proposalCase.proposal.action, at: place, time: time, isInLog: isInLog)
      try requireGovernable(plan, at: time)
    }
    let effect = settle(&proposalCase, decision, by: plan, at: place)
    record(proposalCase)
    return effect
  }

  /// Takes a proposal back for the member that made it.
  mutating func withdraw(
    _ id: Digest, by member: MemberID, at place: RecordPlace, time: Instant
  ) throws(Failure) -> ConsortiumEffect {
    var proposalCase = try openCase(id, at: time)
    guard proposalCase.memberID == member else {
      throw Failure(
        .forbidden, "FOREIGN_PROPOSAL", "proposal \(id) was made by \(proposalCase.memberID), which alone withdraws it")
    }
    proposalCase.outcome = .withdrawn(place)
    record(proposalCase)
    return ConsortiumEffect()
  }

  /// Closes the case if its votes decide it, and lets `plan` take effect if they are for it.
  private mutating func settle(
    _ proposalCase: inout ProposalCase, _ decision: Decision, by plan: Plan, at place: RecordPlace
  ) -> ConsortiumEffect {
    switch decision {
    case .open: return ConsortiumEffect()
    case .rejected:
      proposalCase.outcome = .rejected(place)
      return ConsortiumEffect()
    case .accepted(let supporters):
      proposalCase.outcome = .accepted(place, supporters: supporters)
      commit(plan, at: place)
      return effect(of: plan, accepting: proposalCase.id)
    }
  }

  /// Counts the votes of those who can vote now, after a vote that was cast last: only one for the proposal completes it.
  private func decision(
    on proposalCase: ProposalCase, after latest: Choice = .approve, at time: Instant
  ) -> Decision {
    let voters = voters(at: time)
    let needed = Electorate(thresholds: thresholds.latest, voters: voters.count).votesNeeded
    let counted = proposalCase.votes.filter { voters.contains($0.key) }.values
    let supporters = counted.filter { $0.choice == .approve }.map(\.place)
    if latest == .approve, supporters.count >= needed { return .accepted(supporters: supporters.sorted()) }
    let opponents = counted.count - supporters.count
    return voters.count - opponents < needed ? .rejected : .open
  }

  private func openCase(_ id: Digest, at time: Instant) throws(Failure) -> ProposalCase {
    guard let proposalCase = proposals[id] else {
      throw Failure(.notFound, "UNKNOWN_PROPOSAL", "no record of this ledger with id \(id) is a proposal")
    }
    let state = proposalCase.state(at: time)
    guard state == .open else {
      throw Failure(
        .preconditionFailed, "PROPOSAL_CLOSED",
        "proposal \(id) is \(state.rawValue); only an open one is voted on or withdrawn",
        metadata: ["state": state.rawValue])
    }
    return proposalCase
  }

  private func requireExpiry(of proposal: Proposal, at time: Instant) throws(Failure) {
    let field = "propose.expires_at_microseconds"
    guard time < proposal.expiresAt else {
      throw Failure(
        .preconditionFailed, "PROPOSAL_EXPIRED",
        "\(field): \(proposal.expiresAt) has passed; the ledger's time is \(time)")
    }
    let latest = time.later(hours: Self.maxProposalDays * 24)
    guard proposal.expiresAt <= latest else {
      throw Failure(
        .preconditionFailed, "EXPIRY_TOO_LATE",
        "\(field): \(proposal.expiresAt); at most \(Self.maxProposalDays) days after the ledger's time, \(latest)")
    }
  }

  private func requireRoom(for member: MemberID, among open: [Digest]) throws(Failure) {
    let own = open.count { proposals[$0]?.memberID == member }
    let isTooMany = own >= Self.maxOpenProposalsPerMember
    guard !isTooMany, open.count < Self.maxOpenProposals else {
      throw Failure(
        .exhausted, "TOO_MANY_PROPOSALS",
        isTooMany
          ? "\(member) has \(own) open proposals, the most that one member may have; withdraw some"
          : "\(open.count) proposals are open, the most there may be; vote on some first",
        metadata: ["open": String(open.count), "own": String(own)])
    }
  }
}
