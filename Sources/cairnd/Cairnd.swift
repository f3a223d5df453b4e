import ArgumentParser
import Primitives

/// The node: makes, serves, checks and rebuilds a ledger.
@main struct Cairnd: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "cairnd",
    abstract: "A node of a Cairn ledger.",
    discussion: "Begin with `cairnd init DIR --name NAME`, then `cairnd serve DIR`.",
    version: version,
    subcommands: [
      Init.self, Join.self, Serve.self, Recover.self, Check.self, Rebuild.self, Tiles.self, WitnessCommand.self,
      CertificateCommand.self,
    ])

  /// Runs the command; what went wrong is one line on standard error, and the exit status is 1.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      Console.error("error: \(failure)")
      Self.exit(withError: ExitCode.failure)
    } catch {
      Self.exit(withError: error)
    }
  }
}
