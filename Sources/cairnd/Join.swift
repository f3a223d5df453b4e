import ArgumentParser
import Certificates
import Checkpoints
import Client
import Consensus
import Consortium
import Foundation
import GenesisFile
import Ledger
import Merkle
import Peers
import Primitives
import Signing
import Store

/// Makes the data directory of a member that joins a ledger, or brings a stopped node's log up to that of its peers.
struct Join: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch a ledger from other members' nodes, verifying everything.",
    discussion: """
      The members have voted for this node's --node-key before. The log is fetched from the first --peer that has it and \
      taken for true only where a quorum of the members signed it, as the log itself says who they are, from the --genesis \
      that you hold. A command that was ended or killed goes on where it was when it is given again.
      """)

  @Argument(help: "The data directory; it is made if need be.")
  var directory: String

  @Option(
    help: ArgumentHelp("The signed terms on which the ledger was founded.", valueName: "file"), completion: .file())
  var genesis: String

  @Option(
    help: ArgumentHelp("This node's private key; a copy is kept in keys/log.pem.", valueName: "file"),
    completion: .file())
  var nodeKey: String

  @Option(
    help: ArgumentHelp("Another member's node; several may be given, the first preferred.", valueName: "host:port"))
  var peer: [String]

  @Option(
    help: ArgumentHelp(
      "PEM certificates that the peers' lead to: one file for all peers, or one for each in their order. Without it the "
        + "machine's own are used.", valueName: "file"), completion: .file())
  var ca: [String] = []

  @Option(help: "A DNS name or IP address for the certificate, besides localhost, 127.0.0.1, ::1 and the host's name.")
  var hostname: [String] = []

  func validate() throws {
    guard !peer.isEmpty else { throw ValidationError("--peer HOST:PORT names another member's node") }
    guard ca.count <= 1 || ca.count == peer.count else {
      throw ValidationError("--ca is given once for all peers, or once for each of them in their order")
    }
  }

  func run() async throws {
    let directory = DataDirectory(directory)
    let terms = try Founding.terms(file: genesis)
    let key = try Founding.key(file: nodeKey)
    var peers: [any Peer] = []
    for (index, address) in peer.enumerated() {
      let file = ca.count > 1 ? ca[index] : ca.first
      peers.append(
        PeerClient(try ServerAddress(address), trust: file.map { .certificates(path: $0) } ?? .systemRoots, key: key))
    }
    let (state, genesis) = try terms.founded()
    let origin = Genesis.origin(name: state.directory.name, ledgerID: state.ledgerID)
    let signer = try CheckpointSigner(origin: origin, logKey: key)
    let files = JoinedDirectory(directory, hostnames: hostname)
    try files.prepare(terms, key)
    let store = try Self.store(directory, genesis, state)
    let outcome = try await CatchUp(
      store: store, peers: peers, order: .shared(epoch: nil), hooks: Self.hooks(signer)
    ).run()
    Console.endProgress()
    _ = try store.openIndex()
    try store.settle()
    try files.write(policy: try Self.policy(outcome, signer))
    try Self.requireNode(key.publicKey.id, outcome)
    Console.print(
      """
      ledger \(outcome.state.ledgerID)
      fetched \(outcome.state.edge.size) entries, \(outcome.state.recordCount) records, root \(outcome.state.edge.root)
      signed by \(outcome.signers.map(\.description).sorted().joined(separator: ", "))
      \(Self.words(outcome.place, directory))next: cairnd serve \(self.directory)
      """)
  }

  /// What the members that the log knows sign checkpoints with; a ledger without an engine has one node that signs, this copy.
  private static func policy(_ outcome: CatchUp.Outcome, _ signer: CheckpointSigner) throws(Failure) -> String {
    guard outcome.place != nil else { return signer.policy }
    let state = outcome.state
    return try Policy(of: state.directory, origin: signer.origin, at: state.lastLedgerTime).description
  }

  /// Refuses a node that nobody has let in as far as the log is final: it could not follow from there.
  private static func requireNode(_ key: KeyID, _ outcome: CatchUp.Outcome) throws(Failure) {
    let state = outcome.state
    guard state.directory.keys[key]?.roles.contains(.node) ?? false else {
      throw Failure(
        .preconditionFailed, "NOT_VOTED_IN",
        "the first \(state.edge.size) entries of the log, which are final, do not have the node key \(key): when the vote "
          + "for it is final as well, give this command again")
    }
  }

  private static func words(_ place: OrderPlace?, _ directory: DataDirectory) -> String {
    guard let place else { return "" }
    let file = FileManager.default.fileExists(atPath: directory.consortium.path)
    return "follows \(place.stream) from message \(place.sequence) on, in epoch \(place.epoch)\n"
      + (file ? "" : "now write \(directory.consortium.path): the engine's servers, and the peers\n")
  }

  /// The store with at least the first entry, which must be that of the terms.
  private static func store(
    _ directory: DataDirectory, _ genesis: AppliedBatch, _ state: LedgerState
  ) throws(Failure) -> Store {
    let exists = FileManager.default.fileExists(atPath: directory.ledger.path)
    let store = try Store(directory, create: !exists)
    guard try store.readNow({ try $0.logSize() }) > 0 else {
      try store.appendNow(fetched: genesis, root: state.edge.root)
      return store
    }
    guard try store.readNow({ try $0.entry(at: 0)?.bytes }) == genesis.entry else {
      throw Failure(
        .preconditionFailed, "WRONG_LEDGER",
        "\(directory.ledger.path) holds another ledger than \(state.ledgerID), which these terms found")
    }
    return store
  }

  private static func hooks(_ signer: CheckpointSigner) -> CatchUp.Hooks {
    let bar = Console.bar("entries verified")
    return CatchUp.Hooks(
      progress: { bar($0.size, $0.target, $0.peer) },
      trouble: { peer, failure in
        Console.endProgress()
        Console.error("peer \(peer) is left: \(failure)")
      }
    ) { state, _ throws(Failure) in
      try signer.sign(size: state.edge.size, root: state.edge.root)
    }
  }
}

/// The files of a data directory beside the ledger. Each but the policy is made once; a second run finds the same ones.
struct JoinedDirectory {
  private let directory: DataDirectory
  private let hostnames: [String]

  init(_ directory: DataDirectory, hostnames: [String]) {
    self.directory = directory
    self.hostnames = hostnames
  }

  /// Makes what is missing; refuses a directory of another node or ledger, and one with something else in it.
  func prepare(_ terms: GenesisFile, _ key: PrivateKey) throws {
    let files = FileManager.default
    let found = (try? files.contentsOfDirectory(atPath: directory.url.path)) ?? []
    guard found.isEmpty || files.fileExists(atPath: directory.keys.path) else {
      throw Failure(
        .alreadyExists, "DIRECTORY_NOT_EMPTY", "\(directory.url.path) is not empty and holds no node; name another one")
    }
    for url in [directory.url, directory.keys, directory.certificate.deletingLastPathComponent()] {
      try files.createDirectory(at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    try keep(try key.pem(passphrase: nil), in: directory.logKey, mode: 0o600)
    try keep(try terms.yaml, in: directory.genesis, mode: 0o644)
    if !files.fileExists(atPath: directory.certificateKey.path) {
      // A crash between the two leaves a certificate without its key: both are made anew.
      try? files.removeItem(at: directory.certificate)
      let names = Set(["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName] + hostnames).sorted()
      let certificate = try SelfSignedCertificate.make(hostnames: names, now: .now, validDays: 825)
      try DataDirectory.write(certificate.certificatePEM, to: directory.certificate)
      try DataDirectory.writeSecret(certificate.privateKeyPEM, to: directory.certificateKey)
    }
    try directory.persistNames()
  }

  /// Writes whose signatures make a checkpoint. It follows from the log, so that of an earlier run gives way.
  func write(policy: String) throws {
    let new = directory.policy.appendingPathExtension("new")
    try? FileManager.default.removeItem(at: new)
    try DataDirectory.write(policy, to: new)
    guard rename(new.path, directory.policy.path) == 0 else {
      throw Failure(
        .preconditionFailed, "FILE_NOT_WRITTEN",
        "\(directory.policy.path): rename: \(String(cString: strerror(errno)))")
    }
    try directory.persistNames()
  }

  private func keep(_ text: String, in url: URL, mode: mode_t) throws(Failure) {
    guard let kept = try? String(contentsOf: url, encoding: .utf8), !kept.isEmpty else {
      try? FileManager.default.removeItem(at: url)
      return try DataDirectory.write(text, to: url, mode: mode)
    }
    guard kept == text else {
      throw Failure(
        .preconditionFailed, "OTHER_NODE",
        "\(url.path) is not what was given: this is the directory of another node or of another ledger")
    }
  }
}
