import ArgumentParser
import Client
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Wire

/// `cairn propose`
struct ProposeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Put a change to the members' vote.",
    discussion: """
      Proposing is voting for it. Changes of members are proposed by `cairn member`, changes of keys by `cairn key`: both see \
      by themselves what needs votes.
      """,
    subcommands: [ChangeThresholds.self, Pause.self, Resume.self, Redact.self])

  /// `cairn propose thresholds`
  struct ChangeThresholds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "thresholds", abstract: "Change how many members decide.",
      discussion: "What is not given stays as it is; 0 means automatic: more than half, and more than two thirds.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Option(help: ArgumentHelp("Votes that a proposal needs.", valueName: "n"))
    var votes: UInt32?

    @Option(help: ArgumentHelp("Cosignatures that make a checkpoint final.", valueName: "n"))
    var quorum: UInt32?

    func validate() throws {
      guard votes != nil || quorum != nil else { throw ValidationError("give --votes, --quorum or both") }
    }

    func run() async throws {
      try await ProposeCommand.propose(connection, signer, options) { connection throws(Failure) in
        var thresholds = try await connection.consortium().thresholds
        thresholds.votes = votes ?? thresholds.votes
        thresholds.quorum = quorum ?? thresholds.quorum
        return .changeThresholds(thresholds)
      }
    }
  }

  /// `cairn propose pause`
  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Hold a key up: it authors nothing until it is resumed.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The key's id, or the file with its public half.")
    var key: KeyReference

    func run() async throws {
      let id = Data(try key.id().digest.bytes)
      try await ProposeCommand.propose(connection, signer, options) { _ throws(Failure) in
        .pauseAuthor(.with { $0.keyID = id })
      }
    }
  }

  /// `cairn propose resume`
  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a paused key author again.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The key's id, or the file with its public half.")
    var key: KeyReference

    func run() async throws {
      let id = Data(try key.id().digest.bytes)
      try await ProposeCommand.propose(connection, signer, options) { _ throws(Failure) in
        .resumeAuthor(.with { $0.keyID = id })
      }
    }
  }

  /// Signs a proposal of the action that `action` makes, records it, and says how it stands. Only where `reads` is set the
  /// admin's key is presented: elsewhere a change that ends the key would end the answer too.
  static func propose(
    _ options: ConnectionOptions, _ signer: SigningKey, _ proposal: ProposalOptions, reads: Bool = false,
    _ action: (LedgerConnection) async throws(Failure) -> Cairn_V1_Proposal.OneOf_Action
  ) async throws {
    let key = try signer.load()
    let recorded = try await options.withConnection(presenting: reads ? key : nil) { connection in
      let governance = try await Governance(connection, key: key)
      return try await governance.propose(proposal.proposal(try await action(connection)))
    }
    recorded.report("proposed", json: proposal.json)
  }
}
