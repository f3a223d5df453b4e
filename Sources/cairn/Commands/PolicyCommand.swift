import ArgumentParser
import Checkpoints
import Client
import Primitives
import Terminal
import Wire

/// `cairn policy`
struct PolicyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Write the policy by which evidence of this ledger is verified.",
    discussion: """
      A policy says whose signatures make a checkpoint trustworthy. It comes from the server: compare it once, over a channel \
      you trust, with what the ledger's members publish, and keep it.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to; the output without it.", valueName: "file"), completion: .file())
  var output: String?

  func run() async throws {
    let text = try await connection.withConnection { try await $0.ledgerInfo().policy }
    _ = try Policy(text)
    if let output {
      try Files.replace(output, Array(text.utf8))
      Console.messages.line("wrote \(output.visible)")
    } else {
      Console.output.write(Array(text.utf8))
    }
    Console.messages.line("This is what the server says. Compare it over a channel you trust before you rely on it.")
  }
}
