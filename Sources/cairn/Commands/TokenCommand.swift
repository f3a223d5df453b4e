import ArgumentParser
import Client
import Primitives
import Signing
import Terminal
import Tokens

/// `cairn token`
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Print a bearer token that a key signs.",
    discussion: """
      For clients that cannot present a certificate: send it with each call as "authorization: Bearer TOKEN". Whoever has it \
      can ask in the key's name until it expires.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("Private key, Ed25519 or P-256 (CAIRN_KEY).", valueName: "file"), completion: .file())
  var key: String?

  @Option(help: ArgumentHelp("How long it is good, 1 to \(BearerToken.maxMinutes).", valueName: "n"))
  var minutes = BearerToken.maxMinutes

  @Option(help: ArgumentHelp("The ledger's id; without it the server is asked.", valueName: "id"))
  var ledger: HexDigest?

  func validate() throws {
    guard keyFile != nil else { throw ValidationError("name the private key with --key or CAIRN_KEY") }
  }

  func run() async throws {
    let key = try KeyFile.privateKey(keyFile ?? "")
    let ledgerID =
      if let ledger { ledger.digest } else { try await connection.withConnection { try await $0.ledgerID() } }
    Console.output.line(try await BearerToken.make(for: ledgerID, key: key, now: .now, minutes: minutes))
  }

  private var keyFile: String? { key ?? environment["CAIRN_KEY"] }
}
