import ArgumentParser
import GenesisFile
import Primitives
import Terminal
import Wire

/// `cairn genesis`
struct GenesisCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "genesis", abstract: "Write, sign and check the terms on which a ledger is founded.",
    discussion: """
      Each organisation makes its own keys with `cairn keygen` and sends the public halves. One of them writes the file with \
      `genesis new` and `genesis add`, all read it, one admin signs it with `genesis sign`; then each runs \
      `cairnd init DIR --genesis FILE --node-key KEY`. Everyone who has the file founds the same ledger.
      """,
    subcommands: [New.self, Add.self, Sign.self, Show.self, Verify.self])

  /// Reads a file.
  static func read(_ path: String) throws(Failure) -> GenesisFile {
    let bytes = try Files.read(path, limit: GenesisFile.maxByteCount)
    do { return try GenesisFile(yaml: bytes) } catch { throw named(path, error) }
  }

  /// Checks all rules of a file, or of what is to become one.
  static func founded(_ file: GenesisFile, _ path: String) throws(Failure) {
    do { _ = try file.founded() } catch { throw named(path, error) }
  }

  private static func named(_ path: String, _ failure: Failure) -> Failure {
    var failure = failure
    failure.message = "\(path): \(failure.message)"
    return failure
  }

  /// Says what is in a file now and what comes next.
  static func sayNext(_ file: GenesisFile, _ path: String) throws(Failure) {
    let terms = file.terms
    Console.output.line(
      "wrote \(path.visible): \(terms.members.count.counted("member")), \(terms.keys.count.counted("key"))")
    if let ledgerID = try file.ledgerID {
      Console.output.line("ledger \(ledgerID)")
      Console.messages.line("next: each member runs `cairnd init DIR --genesis \(path.visible) --node-key KEY`")
    } else {
      Console.messages.line("next: `cairn genesis sign \(path.visible) --key ADMIN.pem`, when all agree")
    }
  }
}
