import ArgumentParser
import FoundationEssentials
import Primitives
import Terminal

/// The command line of a ledger: what a scanner, a partner and an auditor do.
struct Cairn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cairn",
    abstract: "Record supply-chain events in a shared ledger, ask for them, and check them offline.",
    discussion: """
      Exit codes: 0 done, 1 refused or not verified, 2 wrong usage, 3 server not reached or not able to answer now, \
      4 verified but compromised.
      Environment: CAIRN_SERVER, CAIRN_CA, CAIRN_IDENTITY, CAIRN_TOKEN, CAIRN_KEY, CAIRN_PASSPHRASE, CAIRN_STATE, NO_COLOR.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(name: "Record", subcommands: [Keygen.self, CaptureCommand.self, MasterDataCommand.self]),
      CommandGroup(
        name: "Govern",
        subcommands: [
          GenesisCommand.self, MemberCommand.self, KeyCommand.self, ProposeCommand.self, VoteCommand.self,
          WithdrawCommand.self, Proposals.self,
        ]),
      CommandGroup(name: "Say who asks", subcommands: [WhoAmI.self, TokenCommand.self, CertificateCommand.self]),
      CommandGroup(
        name: "Ask",
        subcommands: [
          ItemCommand.self, TraceCommand.self, History.self, Events.self, Watch.self, Export.self, Status.self,
        ]),
      CommandGroup(name: "Subscribe", subcommands: [Subscribe.self, SubscriptionsCommand.self]),
      CommandGroup(
        name: "Check", subcommands: [Prove.self, Verify.self, CheckpointCommand.self, PolicyCommand.self]),
    ])
}

/// Runs the command and turns what went wrong into words and an exit code.
@main
enum Main {
  static func main() async {
    do {
      var command = try Cairn.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      exit(with: error)
    }
  }

  private static func exit(with error: any Error) -> Never {
    if let failure = error as? Failure {
      failure.lines.forEach { Console.messages.line($0) }
      Cairn.exit(withError: ExitCode(ExitStatus(failure).rawValue))
    }
    let code = Cairn.exitCode(for: error)
    guard code == .validationFailure else { Cairn.exit(withError: error) }
    Console.messages.line(Cairn.fullMessage(for: error))
    Cairn.exit(withError: ExitCode(ExitStatus.usage.rawValue))
  }
}
