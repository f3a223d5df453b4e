import ArgumentParser
import Client
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Wire

extension KeyCommand {
  /// `cairn key rotate`
  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Replace a key by a new one with the same member, roles and label.",
      discussion: "Both are valid until the overlap ends: time to bring the new key to whoever holds the old one.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The key to be replaced: its id, or the file with its public half.")
    var key: KeyReference

    @Option(help: ArgumentHelp("The successor's public half.", valueName: "file.pub"), completion: .file())
    var successor: String

    @Option(help: ArgumentHelp("How long the old key stays valid, for example 7d, or until when.", valueName: "time"))
    var overlap = Deadline(days: 7)

    @Option(help: ArgumentHelp("The successor is valid before this; without end without it.", valueName: "time"))
    var validUntil: Deadline?

    func run() async throws {
      let admin = try signer.load()
      let (old, new) = (try key.id(), try KeyFile.publicKey(successor))
      let rotation = Cairn_V1_RotateKey.with {
        $0.keyID = Data(old.digest.bytes)
        $0.publicKey = Data(new.subjectPublicKeyInfo)
        $0.overlapUntilMicroseconds = overlap.instant(from: .now).microseconds
        $0.notAfterMicroseconds = validUntil?.instant(from: .now).microseconds ?? 0
      }
      let recorded = try await connection.withConnection { connection in
        let governance = try await Governance(connection, key: admin)
        let terms = try await connection.authority(of: old).key.key
        return try await KeyCommand.change(
          governance, member: terms.memberID, roles: terms.roles, options, alone: .rotateKey(rotation),
          byVote: .rotateKey(rotation))
      }
      let done = recorded.proposal == nil ? "replaced" : "proposed to replace"
      let end = Instant(microseconds: rotation.overlapUntilMicroseconds)
      recorded.report("\(done) key \(old) by \(new.id), the old one valid before \(end)", json: options.json)
    }
  }
}
