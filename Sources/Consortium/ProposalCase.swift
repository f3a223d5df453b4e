package import Primitives
package import Wire

/// A proposal and what became of it.
package struct ProposalCase: Equatable, Sendable {
  /// Its record id, which votes name.
  package let id: Digest
  /// What is proposed.
  package let proposal: Proposal
  /// The member that proposed it.
  package let memberID: MemberID
  /// The record that proposed it.
  package let place: RecordPlace
  /// Each member's latest vote.
  package private(set) var votes: [MemberID: CastVote]
  /// Where members voted against it, by member, ascending; they may have changed their minds since.
  private(set) var rejections: [MemberID: [RecordPlace]] = [:]
  /// How it ended; nil while it is open or has expired.
  package internal(set) var outcome: Outcome?

  /// One member's vote.
  package struct CastVote: Equatable, Sendable {
    /// For or against.
    package let choice: Choice
    /// The record it stands in.
    package let place: RecordPlace
  }

  /// How a proposal ended.
  package enum Outcome: Equatable, Sendable {
    /// It took effect at the record that completed its votes; `supporters` are the places of the votes that counted for
    /// it, ascending.
    case accepted(RecordPlace, supporters: [RecordPlace])
    /// The remaining voters could not reach the number since that record.
    case rejected(RecordPlace)
    /// It was taken back by that record.
    case withdrawn(RecordPlace)
  }

  /// A proposal that its own record puts to the vote and votes for.
  init(_ proposal: Proposal, id: Digest, by member: MemberID, at place: RecordPlace) {
    self.id = id
    self.proposal = proposal
    memberID = member
    self.place = place
    votes = [member: CastVote(choice: .approve, place: place)]
  }

  /// Takes down a member's vote, which counts instead of its earlier one.
  mutating func cast(_ choice: Choice, by member: MemberID, at place: RecordPlace) {
    votes[member] = CastVote(choice: choice, place: place)
    if choice == .reject { rejections[member, default: []].append(place) }
  }

  /// Where the member first voted against it after `place`.
  func rejection(by member: MemberID, after place: RecordPlace) -> RecordPlace? {
    rejections[member]?.first { place < $0 }
  }

  /// How it stands at that ledger time.
  package func state(at time: Instant) -> ProposalState {
    switch outcome {
    case .accepted: .accepted
    case .rejected: .rejected
    case .withdrawn: .withdrawn
    case nil: time < proposal.expiresAt ? .open : .expired
    }
  }

  /// Position at which it took effect, if it did.
  package var effectivePosition: UInt64? {
    if case .accepted(let place, _) = outcome { place.position } else { nil }
  }

  /// The records that made it take effect: the proposal and the votes that counted. Empty unless it did.
  var enactment: [RecordPlace] {
    guard case .accepted(_, let supporters) = outcome else { return [] }
    return [place] + supporters.filter { $0 != place }
  }
}

/// How a proposal stands.
package enum ProposalState: String, Hashable, Sendable, CaseIterable {
  /// Votes count.
  case open
  /// It took effect.
  case accepted
  /// So many voted against it that it cannot be accepted.
  case rejected
  /// It was taken back.
  case withdrawn
  /// Its time ran out.
  case expired

  /// The state of that name on the wire; nil for one that is not stated or not known.
  package init?(_ wire: Cairn_V1_ProposalState) {
    guard let state = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
    self = state
  }

  /// The state's name on the wire.
  package var wire: Cairn_V1_ProposalState {
    switch self {
    case .open: .open
    case .accepted: .accepted
    case .rejected: .rejected
    case .withdrawn: .withdrawn
    case .expired: .expired
    }
  }
}
