import ArgumentParser
import Certificates
import Client
import FoundationEssentials
import Primitives
import Signing

/// This process's environment.
let environment = ProcessInfo.processInfo.environment

/// Which server, how it is known, and who asks.
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

  @Option(
    help: ArgumentHelp(
      "Private key of who asks, Ed25519 or P-256 (CAIRN_IDENTITY). Without it the key that signs, if one does.",
      valueName: "file"), completion: .file())
  var identity: String?

  @Option(
    help: ArgumentHelp(
      "Bearer token of who asks, as `cairn token` prints it; CAIRN_TOKEN keeps it out of the list of processes.",
      valueName: "token"))
  var token: String?

  func validate() throws {
    guard identity == nil || token == nil else {
      throw ValidationError("--identity and --token exclude each other")
    }
    if let serverName, (try? ServerAddress(serverName))?.host != .name(serverName) {
      throw ValidationError("--server-name takes a host name, for example ledger.example; '\(serverName)' is none")
    }
  }

  /// Runs `body` with a connection. Where nobody says who asks, it is the holder of `key`.
  func withConnection<Value: Sendable>(
    presenting key: PrivateKey? = nil, _ body: (LedgerConnection) async throws -> Value
  ) async throws(Failure) -> Value {
    let trust: ServerTrust =
      plaintext ? .plaintext : (ca ?? environment["CAIRN_CA"]).map { .certificates(path: $0) } ?? .systemRoots
    return try await LedgerConnection.withConnection(
      to: ServerAddress(server), trust: trust, serverName: serverName, as: try whoAsks(key), body)
  }

  private func whoAsks(_ key: PrivateKey?) throws(Failure) -> ClientIdentity {
    if let token { return .token(token) }
    if let identity { return .key(try KeyFile.privateKey(identity)) }
    if let token = environment["CAIRN_TOKEN"], !token.isEmpty { return .token(token) }
    if let path = environment["CAIRN_IDENTITY"], !path.isEmpty { return .key(try KeyFile.privateKey(path)) }
    guard let key, ClientCertificate.isPossible(for: key.publicKey.suite) else { return .anyone }
    return .key(key)
  }
}
