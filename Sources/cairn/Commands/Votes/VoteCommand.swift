import ArgumentParser
import Client
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// `cairn vote`
struct VoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vote", abstract: "Vote on a proposal.",
    discussion: """
      Shows what is being voted on, from the very bytes that the vote will name, before it signs. While a proposal is open a \
      member's latest vote counts. The vote that completes the number makes the proposal take effect.
      """)

  /// For or against, by the words people type.
  enum Choice: String, CaseIterable, ExpressibleByArgument {
    case approve, reject

    var wire: Cairn_V1_Choice { self == .approve ? .approve : .reject }
  }

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var signer: SigningKey

  @Argument(help: "The proposal's id, or the first 8 or more characters of it.")
  var proposal: ProposalReference

  @Argument(help: "approve or reject.")
  var choice: Choice

  @Flag(help: "Do not ask on the terminal before signing.")
  var yes = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let key = try signer.load()
    let recorded = try await connection.withConnection { connection in
      let governance = try await Governance(connection, key: key)
      let status = try await proposal.examined(connection)
      ProposalStatusWords(status).lines.forEach { Console.messages.line($0) }
      if !yes { try Confirmation.ask("\(governance.memberID.visible) votes to \(choice.rawValue) this. Sign?") }
      var recorded = try await governance.record(
        .vote(
          .with {
            $0.proposalID = status.proposalID
            $0.choice = choice.wire
          }))
      recorded.proposal = try await connection.proposal(try status.id)
      return recorded
    }
    recorded.report("voted to \(choice.rawValue)", shown: true, json: json)
  }
}
