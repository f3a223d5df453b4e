import ArgumentParser
import Certificates
import Client
import Primitives
import Terminal

/// `cairn certificate`
struct CertificateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate", abstract: "Print a client certificate for a key.",
    discussion: """
      For programs other than this one, which makes its own: grpcurl -cert FILE.crt -key FILE. The certificate is signed by \
      the key itself, and a node looks at nothing but the key, so making a new one takes nobody's leave.
      """)

  @Argument(help: "The private key, Ed25519 or P-256.", completion: .file())
  var keyFile: String

  @Option(help: ArgumentHelp("How long it is good, 1 to 3650.", valueName: "n"))
  var days = ClientCertificate.defaultDays

  func run() throws {
    let key = try KeyFile.privateKey(keyFile)
    Console.output.write(Array(try ClientCertificate.pem(for: key, now: .now, validDays: days).utf8))
  }
}
