package import EPCIS
import Primitives
package import Wire

/// A proposal and how it stands, for people and for programs.
package struct ProposalStatusWords: Sendable {
  /// What `row` has in its columns.
  package static let headings = ["PROPOSAL", "STATE", "VOTES", "BY", "OPEN UNTIL", "WHAT"]

  private let status: Cairn_V1_ProposalStatus

  /// What the ledger says of a proposal.
  package init(_ status: Cairn_V1_ProposalStatus) { self.status = status }

  /// One line of a table.
  package var row: [String] {
    [
      Timeline.short(status.proposalID), state, "\(approvals) of \(status.votesNeeded)", status.memberID,
      RecordedTime(status.proposal.expiresAtMicroseconds).text, proposal.headline,
    ]
  }

  /// What is proposed, by whom, and how the votes stand; a line a fact.
  package var lines: [String] {
    var facts = [("proposal", proposal.headline), ("id", Hex.encode(status.proposalID))]
    facts += proposal.details.map { ($0.label, $0.text) }
    facts.append(("by", "\(status.memberID), at log position \(status.position)"))
    facts.append(("votes", votes))
    facts.append(("state", outcome))
    return facts.map { $0.0.padded(to: 10) + $0.1.visible }
  }

  /// An object with the same facts.
  package var json: JSONValue {
    .object(
      [.init("proposalId", .hex(status.proposalID))] + proposal.json + [
        .init("memberId", .text(status.memberID)), .init("position", .number(status.position)),
        .init("state", .text(state)), .init("votesNeeded", .number(status.votesNeeded)),
        .init("approvals", .number(approvals)),
        .init("effectivePosition", status.hasEffectivePosition ? .number(status.effectivePosition) : .null),
        .init(
          "votes",
          .array(
            status.votes.map { vote in
              .object([
                .init("memberId", .text(vote.memberID)), .init("choice", .text(Self.word(vote.choice))),
                .init("position", .number(vote.position)),
              ])
            })),
      ])
  }

  /// How it stands, and what is to be done now.
  package var outcome: String {
    switch status.state {
    case .open: "open: \(approvals) of the \(status.votesNeeded) votes that are needed"
    case .accepted: "accepted; it took effect at log position \(status.effectivePosition)"
    case .rejected: "rejected; too many voted against it"
    case .withdrawn: "withdrawn"
    case .expired: "expired; its time ran out"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }

  private var proposal: ProposalWords { ProposalWords(status.proposal) }

  private var approvals: Int { status.votes.count { $0.choice == .approve } }

  private var votes: String {
    let votes = status.votes.map { "\($0.memberID) \($0.choice == .approve ? "for" : "against")" }
    return votes.isEmpty ? "none" : votes.joined(separator: ", ")
  }

  private var state: String {
    switch status.state {
    case .open: "open"
    case .accepted: "accepted"
    case .rejected: "rejected"
    case .withdrawn: "withdrawn"
    case .expired: "expired"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }

  private static func word(_ choice: Cairn_V1_Choice) -> String {
    switch choice {
    case .approve: "approve"
    case .reject: "reject"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }
}
