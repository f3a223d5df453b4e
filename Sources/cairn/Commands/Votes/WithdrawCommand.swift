import ArgumentParser
import Client
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Wire

/// `cairn withdraw`
struct WithdrawCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Take a proposal of your own member back.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var signer: SigningKey

  @Argument(help: "The proposal's id, or the first 8 or more characters of it.")
  var proposal: ProposalReference

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let key = try signer.load()
    let recorded = try await connection.withConnection { connection in
      let governance = try await Governance(connection, key: key)
      let id = try await proposal.status(connection).id
      var recorded = try await governance.record(.withdraw(.with { $0.proposalID = Data(id.bytes) }))
      recorded.proposal = try await connection.proposal(id)
      return recorded
    }
    recorded.report("withdrew the proposal", json: json)
  }
}
