import ArgumentParser
import Certificates
import Foundation
import Primitives
import Store

/// Makes a new TLS certificate.
struct CertificateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certificate",
    abstract: "Make a new self-signed TLS certificate of a node, which may be running.",
    discussion: """
      The key stays, and the names that the certificate has; the one before is kept in tls/cert.pem.old. Clients that are \
      given tls/cert.pem need the new file; those that know the key need nothing. A running node takes the new certificate \
      when it gets SIGHUP, for the connections that come from then on; then it also reads the engine's certificates again.
      """)

  @Argument(help: "The data directory.")
  var directory: String

  @Option(help: "A DNS name or IP address for the certificate, besides those that it has.")
  var hostname: [String] = []

  @Option(help: "For how many days, 1 to 3,650.")
  var days = 825

  func run() async throws {
    let directory = DataDirectory(directory)
    let old = try ServerCertificate(pem: try Self.read(directory.certificate))
    guard old.isSelfSigned else {
      throw Failure(
        .preconditionFailed, "CERTIFICATE_NOT_SELF_SIGNED",
        "\(directory.certificate.path) was signed by somebody else, who makes the next one too")
    }
    let names = old.hostnames + hostname.filter { !old.hostnames.contains($0) }
    let made = try SelfSignedCertificate.make(
      hostnames: names, now: .now, validDays: days, privateKeyPEM: try Self.read(directory.certificateKey))
    try directory.replaceCertificate(made.certificatePEM)
    let end = try ServerCertificate(pem: made.certificatePEM).end
    Console.print("made \(directory.certificate.path), good until \(end), for \(names.joined(separator: ", "))")
    Console.print("next: send a running cairnd SIGHUP, and give clients the new file")
  }

  private static func read(_ url: URL) throws(Failure) -> String {
    do { return try String(contentsOf: url, encoding: .utf8) } catch {
      throw Failure(.preconditionFailed, "TLS_FILE_UNREADABLE", "cannot read \(url.path)")
    }
  }
}

extension DataDirectory {
  /// Puts a new certificate in the old one's place, in one step; the old one is kept beside it.
  fileprivate func replaceCertificate(_ pem: String) throws(Failure) {
    let next = certificate.appendingPathExtension("new")
    let old = certificate.appendingPathExtension("old")
    let files = FileManager.default
    try? files.removeItem(at: next)
    try DataDirectory.write(pem, to: next)
    try? files.removeItem(at: old)
    try? files.copyItem(at: certificate, to: old)
    guard rename(next.path, certificate.path) == 0 else {
      throw Failure(
        .preconditionFailed, "FILE_NOT_WRITTEN", "\(certificate.path): \(String(cString: strerror(errno)))")
    }
    try persistNames()
  }
}
