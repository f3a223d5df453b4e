import ArgumentParser
import Client
import FoundationEssentials
import Primitives

/// This process's environment.
let environment = ProcessInfo.processInfo.environment

/// Which server, and how it is known.
struct ConnectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The server's address (CAIRN_SERVER).", valueName: "host:port"))
  var server = environment["CAIRN_SERVER"] ?? "127.0.0.1:7443"

  @Option(
    help: ArgumentHelp(
      "PEM file with the certificate to trust; without it this machine's trust store decides (CAIRN_CA).",
      valueName: "file"))
  var ca: String?

  @Option(help: ArgumentHelp("The name in the server's certificate, where it is not the address's.", valueName: "name"))
  var serverName: String?

  @Flag(help: "Talk without TLS; to this machine only.")
  var plaintext = false

  /// Runs `body` with a connection.
  func withConnection<Value: Sendable>(
    _ body: (LedgerConnection) async throws -> Value
  ) async throws(Failure) -> Value {
    let trust: ServerTrust =
      plaintext ? .plaintext : (ca ?? environment["CAIRN_CA"]).map { .certificates(path: $0) } ?? .systemRoots
    return try await LedgerConnection.withConnection(
      to: ServerAddress(server), trust: trust, serverName: serverName, body)
  }
}
