import ArgumentParser
import Certificates
import Consortium
import Foundation
import GenesisFile
import Ledger
import Merkle
import Ordering
import Primitives
import Signing
import Store

/// Makes a data directory: keys, certificate, genesis batch, first checkpoint, policy.
struct Init: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a data directory: of a ledger that several members found, or of a new ledger with one member.",
    discussion: """
      With --genesis this is the node of one of the founding members: its --node-key must be among the NODE keys of the file. \
      Every node that is made from the same file keeps the same ledger. Without --genesis a ledger with one member is founded, \
      which decides alone; its admin key is keys/admin.pem. Others may join either one later, by the members' votes.
      """)

  @Argument(help: "The data directory to make; it must be empty or not exist.")
  var directory: String

  @Option(
    help: ArgumentHelp("The signed terms, as `cairn genesis` makes them.", valueName: "file"), completion: .file())
  var genesis: String?

  @Option(
    help: ArgumentHelp("With --genesis: this node's private key; a copy is kept in keys/log.pem.", valueName: "file"),
    completion: .file())
  var nodeKey: String?

  @Option(help: "Without --genesis: the ledger's name, the first part of its checkpoint origin: a-z, 0-9, '.' and '-'.")
  var name: String?

  @Option(help: "Without --genesis: the one member's id; the ledger's name if not given.")
  var member: String?

  @Option(help: "Without --genesis: the member's registered name; its id if not given.")
  var legalName: String?

  @Option(help: "Without --genesis: where the member is registered, ISO 3166-1 alpha-2; ZZ states no country.")
  var country = "ZZ"

  @Option(help: "A DNS name or IP address for the certificate, besides localhost, 127.0.0.1, ::1 and the host's name.")
  var hostname: [String] = []

  func validate() throws {
    guard (genesis == nil) == (nodeKey == nil) else { throw ValidationError("--genesis and --node-key go together") }
    guard (genesis == nil) != (name == nil) else {
      throw ValidationError("either --genesis FILE --node-key FILE, or --name NAME for a ledger with one member")
    }
  }

  func run() async throws {
    let directory = DataDirectory(directory)
    // Everything that can be refused comes before anything is written.
    let now = Instant.now
    let founding = try genesis.map { try Founding(file: $0, nodeKey: nodeKey ?? "", now: now) } ?? alone(now: now)
    let (state, applied) = try founding.terms.founded()
    let signer = try CheckpointSigner(
      origin: Genesis.origin(name: state.directory.name, ledgerID: state.ledgerID), logKey: founding.logKey)
    let checkpoint = try signer.sign(size: state.edge.size, root: state.edge.root)
    let names = Set(["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName] + hostname).sorted()
    let certificate = try SelfSignedCertificate.make(hostnames: names, now: now, validDays: 825)

    try makeDirectories(directory)
    try DataDirectory.writeSecret(try founding.logKey.pem(passphrase: nil), to: directory.logKey)
    if let admin = founding.admin {
      try DataDirectory.writeSecret(try admin.pem(passphrase: nil), to: directory.adminKey)
    }
    try DataDirectory.write(certificate.certificatePEM, to: directory.certificate)
    try DataDirectory.writeSecret(certificate.privateKeyPEM, to: directory.certificateKey)
    try DataDirectory.write(signer.policy, to: directory.policy)
    try DataDirectory.write(try founding.terms.yaml, to: directory.genesis)
    try directory.persistNames()
    let store = try Store(directory, create: true)
    try store.appendNow([applied], checkpoint: checkpoint)
    let keys = founding.admin == nil ? "keys/log.pem (secret)" : "keys/admin.pem and keys/log.pem (secret)"
    Console.print(
      """
      ledger \(state.ledgerID)
      origin \(signer.origin)
      members \(state.directory.memberIDs.map(\.description).joined(separator: ", "))
      made in \(directory.url.path): \(keys), genesis.yaml, tls/cert.pem, policy
      next: \(Self.next(state, now))cairnd serve \(self.directory)
      """)
  }

  /// What comes before the node may serve: one of several that served alone would make a log that no other has.
  private static func next(_ state: LedgerState, _ now: Instant) -> String {
    let nodes = Set(state.directory.nodeKeys(at: now).map(\.memberID)).count
    return nodes < 2 ? "" : "write consortium.yaml there, since \(nodes) members have nodes; then "
  }

  /// Fresh keys, and terms on which one member decides alone.
  private func alone(now: Instant) throws -> Founding {
    let (logKey, admin) = (try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519))
    let terms = Genesis.alone(
      name: name ?? "", memberID: member ?? name ?? "", legalName: legalName, country: country,
      admin: admin.publicKey, logKey: logKey.publicKey)
    var file = GenesisFile(terms, createdAt: now, salt: .random(count: Limits.saltBytes))
    try file.sign(with: admin)
    return Founding(terms: file, logKey: logKey, admin: admin)
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
