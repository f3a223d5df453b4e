package import Primitives

extension Directory {
  /// Who can vote, and how many votes a proposal needs.
  package struct Ballot: Sendable {
    /// Members in good standing with an ADMIN key in force.
    package let voters: Set<MemberID>
    /// Votes that a proposal needs.
    package let votesNeeded: Int
  }

  /// The ballot at that ledger time.
  package func ballot(at time: Instant) -> Ballot {
    Ballot(voters: voters(at: time), votesNeeded: electorate(at: time).votesNeeded)
  }
}

extension ProposalCase {
  /// The votes that count, by member: while the proposal is open those of members that can vote, later all that were cast.
  package func countedVotes(
    _ ballot: Directory.Ballot, at time: Instant
  ) -> [(member: MemberID, vote: CastVote)] {
    let isOpen = state(at: time) == .open
    return votes.filter { !isOpen || ballot.voters.contains($0.key) }
      .map { (member: $0.key, vote: $0.value) }.sorted { $0.member.description < $1.member.description }
  }
}
