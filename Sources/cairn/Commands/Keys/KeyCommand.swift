import ArgumentParser
import Client
import Primitives
import Terminal
import Wire

/// `cairn key`
struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Register, replace, end and look up keys.",
    discussion: """
      A member's admin decides alone on keys of its own member without the roles admin and node. All else is put to the \
      members' vote, and the command says so.
      """,
    subcommands: [Register.self, Enrol.self, Rotate.self, Revoke.self, Show.self, List.self])

  /// Records a change of a key: at once where `member` and `roles` are the admin's own affair, otherwise as a proposal.
  static func change(
    _ governance: Governance, member: String, roles: [Cairn_V1_Role], _ options: ProposalOptions,
    alone: Cairn_V1_ConsortiumRecord.OneOf_Change, byVote: Cairn_V1_Proposal.OneOf_Action
  ) async throws(Failure) -> RecordedChange {
    if governance.decidesAlone(on: member, roles) { return try await governance.record(alone) }
    let why = member == governance.memberID ? "keys with the roles admin and node" : "another member's keys"
    Console.messages.line("note: the members vote on \(why); this is a proposal")
    return try await governance.propose(options.proposal(byVote))
  }
}
