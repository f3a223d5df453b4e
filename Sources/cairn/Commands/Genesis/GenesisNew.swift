import ArgumentParser
import Capture
import Client
import Consortium
import FoundationEssentials
import GenesisFile
import Primitives
import Signing
import SwiftProtobuf
import Terminal
import Wire

extension GenesisCommand {
  /// `cairn genesis new`
  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Begin a file.",
      discussion: """
        Members may be named here or added one by one with `genesis add`. With --keys-dir the keys of all members are made here, \
        and the first one's admin signs: for trying out, and where one operator runs everything. Overwrites nothing.
        """)

    /// A member in one argument.
    struct FoundingMember: ExpressibleByArgument {
      let member: Cairn_V1_Member

      init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 2).map(String.init)
        guard parts.count == 3 else { return nil }
        member = .with {
          $0.id = parts[0]
          $0.country = parts[1]
          $0.legalName = parts[2]
          $0.roles = MemberOptions.usualRoles.map(\.wire)
        }
      }
    }

    @Argument(help: "Where the file goes.", completion: .file())
    var file = "genesis.yaml"

    @Option(help: "The ledger's name, the first part of its checkpoint origin: a-z, 0-9, '.' and '-'.")
    var name: String

    @Option(help: ArgumentHelp("A founding member; may be repeated.", valueName: "id:country:legal name"))
    var member: [FoundingMember] = []

    @Option(help: ArgumentHelp("Make ID-admin.pem and ID-node.pem of each member in this folder.", valueName: "folder"))
    var keysDir: String?

    @Option(help: ArgumentHelp("Votes that a proposal needs; 0 means more than half of the members.", valueName: "n"))
    var votes: UInt32 = 0

    @Option(
      help: ArgumentHelp(
        "Cosignatures that make a checkpoint final; 0 means more than two thirds of the nodes.", valueName: "n"))
    var quorum: UInt32 = 0

    func validate() throws {
      guard keysDir == nil || !member.isEmpty else { throw ValidationError("--keys-dir makes the keys of --member") }
    }

    func run() throws {
      let terms = Cairn_V1_Genesis.with {
        $0.name = name
        $0.members = member.map(\.member)
        $0.thresholds = .with {
          $0.votes = votes
          $0.quorum = quorum
        }
      }
      var genesis = GenesisFile(terms, createdAt: Self.now, salt: Salt.fresh())
      if FileManager.default.fileExists(atPath: file) { throw Files.exists(file) }
      var keys: [(path: String, key: PrivateKey)] = []
      if let keysDir {
        keys = try fill(&genesis, keysDir)
        try GenesisCommand.founded(genesis, file)
      }
      if let keysDir { try Files.makeFolder(keysDir) }
      for (path, key) in keys { try KeyFile.write(key, to: path, passphrase: nil) }
      try Files.create(file, Array(try genesis.yaml.utf8), permissions: 0o644)
      if let keysDir {
        Console.messages.line("made \(keys.count.counted("key")) in \(keysDir.visible) (keep them secret)")
      }
      try GenesisCommand.sayNext(genesis, file)
    }

    /// Adds two fresh keys of each member, and signs with the first admin's.
    private func fill(_ genesis: inout GenesisFile, _ folder: String) throws(Failure) -> [(
      path: String, key: PrivateKey
    )] {
      var keys: [(path: String, key: PrivateKey)] = []
      for member in member.map(\.member) {
        for role in [Role.admin, .node] {
          let key = try PrivateKey.generate(.ed25519)
          keys.append(("\(folder)/\(member.id)-\(role.rawValue).pem", key))
          let registration = MemberOptions.registration(key.publicKey, of: member.id, as: role)
          try genesis.amend { terms throws(Failure) in terms.keys.append(registration) }
        }
      }
      if let first = keys.first { try genesis.sign(with: first.key) }
      return keys
    }

    /// To the second: it is for people to read.
    private static var now: Instant {
      Instant(microseconds: Instant.now.microseconds / 1_000_000 * 1_000_000)
    }
  }
}
