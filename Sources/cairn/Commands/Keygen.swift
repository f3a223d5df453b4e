import ArgumentParser
import Certificates
import Primitives
import Signing
import Terminal

/// `cairn keygen`
struct Keygen: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a key.",
    discussion: """
      Writes FILE (secret, for its owner only), FILE.pub and, unless the key is SM2, FILE.crt: a client certificate for \
      other programs, good for \(ClientCertificate.defaultDays) days. Prints the key's id. Overwrites nothing.
      """)

  /// The suites by the names people type.
  enum SuiteName: String, CaseIterable, ExpressibleByArgument {
    case ed25519, p256, sm2

    var suite: Suite {
      switch self {
      case .ed25519: .ed25519
      case .p256: .ecdsaP256
      case .sm2: .sm2
      }
    }
  }

  @Argument(help: "Where the private key goes.", completion: .file())
  var file: String

  @Option(help: "How the key signs.")
  var suite = SuiteName.ed25519

  @Flag(help: "Protect the file with a passphrase: CAIRN_PASSPHRASE, or asked for.")
  var encrypt = false

  func run() throws {
    let passphrase = encrypt ? try Passphrase.new() : nil
    let key = try PrivateKey.generate(suite.suite)
    try KeyFile.write(key, to: file, passphrase: passphrase)
    if Console.messages.isTerminal {
      let files = KeyFile.publicFiles(of: key, at: file).map(\.visible).joined(separator: ", ")
      Console.messages.line("wrote \(file.visible) (keep it secret), \(files)")
    }
    Console.output.line("\(key.publicKey.id)")
  }
}
