import ArgumentParser
import Certificates
import Foundation
import Ledger
import Merkle
import Ordering
import Primitives
import Signing
import Store

/// Makes a data directory: keys, certificate, genesis batch, first checkpoint, policy.
struct Init: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a ledger: a data directory with keys, a TLS certificate and the genesis batch.")

  @Argument(help: "The data directory to make; it must be empty or not exist.")
  var directory: String

  @Option(help: "The ledger's name, the first part of its checkpoint origin: a-z, 0-9, '.' and '-'.")
  var name: String

  @Option(help: "The member that the first admin key belongs to; the ledger's name if not given.")
  var member: String?

  @Option(help: "A DNS name or IP address for the certificate, besides localhost, 127.0.0.1, ::1 and the host's name.")
  var hostname: [String] = []

  func run() async throws {
    let directory = DataDirectory(directory)
    // Everything that can be refused comes before anything is written.
    let (logKey, admin) = (try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519))
    let now = Instant.now
    let batch = try Genesis.batch(
      name: name, memberID: member ?? name, admin: admin, logKey: logKey.publicKey, salt: .random(count: 16),
      createdAt: now)
    let (admitted, terms) = try Admission.admitGenesis(batch)
    let (state, applied) = LedgerState.found(admitted, terms, at: now)
    let signer = try CheckpointSigner(origin: Genesis.origin(name: name, ledgerID: state.ledgerID), logKey: logKey)
    let checkpoint = try signer.sign(size: state.edge.size, root: state.edge.root)
    let names = Set(["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName] + hostname).sorted()
    let certificate = try SelfSignedCertificate.make(hostnames: names, now: now, validDays: 825)

    try makeDirectories(directory)
    try DataDirectory.writeSecret(try logKey.pem(passphrase: nil), to: directory.logKey)
    try DataDirectory.writeSecret(try admin.pem(passphrase: nil), to: directory.adminKey)
    try DataDirectory.write(certificate.certificatePEM, to: directory.certificate)
    try DataDirectory.writeSecret(certificate.privateKeyPEM, to: directory.certificateKey)
    try DataDirectory.write(signer.policy, to: directory.policy)
    try directory.persistNames()
    let store = try Store(directory, create: true)
    try store.appendNow([applied], directory: state.directory, checkpoint: checkpoint)
    Console.print(
      """
      ledger \(state.ledgerID)
      origin \(signer.origin)
      admin key \(admin.publicKey.id)
      made in \(directory.url.path): keys/admin.pem and keys/log.pem (secret), tls/cert.pem, policy
      next: cairnd serve \(self.directory)
      """)
  }

  /// Makes the directories, or refuses one that holds anything already.
  private func makeDirectories(_ directory: DataDirectory) throws {
    let files = FileManager.default
    if let there = try? files.contentsOfDirectory(atPath: directory.url.path), !there.isEmpty {
      throw Failure(
        .alreadyExists, "DIRECTORY_NOT_EMPTY",
        "\(directory.url.path) is not empty; a new ledger needs a directory of its own")
    }
    for url in [directory.url, directory.keys, directory.certificate.deletingLastPathComponent()] {
      try files.createDirectory(at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: url.path)
    }
  }
}

extension Instant {
  /// The system's clock.
  static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}

extension Data {
  /// Bytes from the system's generator.
  static func random(count: Int) -> Data {
    var generator = SystemRandomNumberGenerator()
    return Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
  }
}
