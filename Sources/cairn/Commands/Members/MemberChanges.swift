import ArgumentParser
import Client
import Consortium
import Primitives
import SwiftProtobuf
import Wire

extension MemberCommand {
  /// `cairn member add`
  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose a new member.",
      discussion: "It makes its own keys with `cairn keygen` and gives away their public halves only.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions
    @OptionGroup var new: MemberOptions

    func run() async throws {
      let action = Cairn_V1_AddMember.with { $0.member = new.member }
      let keys = try new.keys()
      try await ProposeCommand.propose(connection, signer, options) { _ throws(Failure) in
        var action = action
        action.keys = keys
        return .addMember(action)
      }
    }
  }

  /// `cairn member suspend`
  struct Suspend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose to suspend a member: its keys do nothing until it is reinstated.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The member's id.")
    var member: String

    func run() async throws {
      try await ProposeCommand.propose(connection, signer, options) { _ throws(Failure) in
        .suspendMember(.with { $0.memberID = member })
      }
    }
  }

  /// `cairn member reinstate`
  struct Reinstate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Propose to end a member's suspension.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The member's id.")
    var member: String

    func run() async throws {
      try await ProposeCommand.propose(connection, signer, options) { _ throws(Failure) in
        .reinstateMember(.with { $0.memberID = member })
      }
    }
  }

  /// `cairn member remove`
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose that a member leaves for good; its keys end, what they signed stays.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The member's id.")
    var member: String

    func run() async throws {
      try await ProposeCommand.propose(connection, signer, options) { _ throws(Failure) in
        .removeMember(.with { $0.memberID = member })
      }
    }
  }

  /// `cairn member roles`
  struct ChangeRoles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "roles", abstract: "Propose what roles a member's keys may have from now on.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The member's id.")
    var member: String

    @Argument(help: "All of its roles: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    var roles: [Role]

    func run() async throws {
      try await ProposeCommand.propose(connection, signer, options) { _ throws(Failure) in
        .changeRoles(
          .with {
            $0.memberID = member
            $0.roles = roles.map(\.wire)
          })
      }
    }
  }
}
