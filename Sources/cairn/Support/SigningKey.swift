import ArgumentParser
import Primitives
import Signing

/// Whose signature a change needs.
struct SigningKey: ParsableArguments {
  @Option(
    name: .customLong("key"), help: ArgumentHelp("Private key of an admin, who signs (CAIRN_KEY).", valueName: "file"),
    completion: .file())
  var file: String?

  func validate() throws {
    guard path != nil else { throw ValidationError("name the admin's private key with --key or CAIRN_KEY") }
  }

  /// Reads the key.
  func load() throws(Failure) -> PrivateKey { try KeyFile.privateKey(path ?? "") }

  private var path: String? { file ?? environment["CAIRN_KEY"] }
}
