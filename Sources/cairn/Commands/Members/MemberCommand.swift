import ArgumentParser
import Client
import EPCIS
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// `cairn member`
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member", abstract: "Say who the members are, and propose to change that.",
    subcommands: [
      List.self, Show.self, Add.self, Suspend.self, Reinstate.self, Remove.self, ChangeRoles.self,
    ])

  /// `cairn member list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List every member there ever was, and who decides.")

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("As an entry at this log position found them; now without it.", valueName: "n"))
    var position: UInt64?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let consortium = try await connection.withConnection { try await $0.consortium(at: position) }
      if json { return Console.output.write(JSONWriter.pretty(Self.json(consortium))) }
      var table = Table(MemberWords.headings, flexible: ["LEGAL NAME", "ROLES"])
      for member in consortium.members { table.add(MemberWords(member).row) }
      table.print()
      Console.output.line()
      Console.output.line("a proposal needs \(consortium.votesNeeded) of \(consortium.voters.counted("vote"))")
      Console.output.line(
        "a checkpoint is final with \(consortium.quorum) of \(consortium.nodes.counted("cosignature"))")
      Console.messages.line("ledger \(consortium.name.visible), log position \(consortium.position)")
    }

    private static func json(_ consortium: Cairn_V1_GetConsortiumResponse) -> JSONValue {
      .object([
        .init("name", .text(consortium.name)), .init("position", .number(consortium.position)),
        .init("members", .array(consortium.members.map { MemberWords($0).json })),
        .init(
          "thresholds",
          .object([
            .init("votes", .number(consortium.thresholds.votes)),
            .init("quorum", .number(consortium.thresholds.quorum)),
          ])),
        .init("votesNeeded", .number(consortium.votesNeeded)), .init("voters", .number(consortium.voters)),
        .init("quorum", .number(consortium.quorum)), .init("nodes", .number(consortium.nodes)),
      ])
    }
  }

  /// `cairn member show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one member and its keys.")

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The member's id.")
    var member: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let (found, keys) = try await connection.withConnection { connection in
        let found = try await connection.consortium().members.first { $0.member.id == member }
        guard let found else {
          throw Failure(.notFound, "UNKNOWN_MEMBER", "there is no member '\(member)'; `cairn member list` shows them")
        }
        var keys: [Cairn_V1_KeyStatus] = []
        try await connection.keys(.with { $0.memberID = member }) { keys.append($0) }
        return (MemberWords(found), keys.map(KeyWords.init))
      }
      if json {
        let document = JSONValue.object([
          .init("member", found.json), .init("keys", .array(keys.map(\.json))),
        ])
        return Console.output.write(JSONWriter.pretty(document))
      }
      found.lines.forEach { Console.output.line($0) }
      Console.output.line()
      var table = Table(KeyWords.headings, flexible: ["LABEL", "ROLES", "VALID"])
      for key in keys { table.add(key.row) }
      table.print()
    }
  }
}
