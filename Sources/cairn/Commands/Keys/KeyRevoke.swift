import ArgumentParser
import Client
import FoundationEssentials
import Primitives
import SwiftProtobuf
import Wire

extension KeyCommand {
  /// `cairn key revoke`
  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End a key; what it has signed stays.",
      discussion: """
        --reason stands in the revocation. With --compromised-since, what the ledger took from the key at or after that time is \
        flagged wherever it appears.
        """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Argument(help: "The key's id, or the file with its public half.")
    var key: KeyReference

    @Option(help: ArgumentHelp("Since when others have had the key, RFC 3339.", valueName: "time"))
    var compromisedSince: Moment?

    func run() async throws {
      let admin = try signer.load()
      let id = try key.id()
      let revocation = Cairn_V1_RevokeKey.with {
        $0.keyID = Data(id.digest.bytes)
        $0.reason = options.reason
        $0.compromisedSinceMicroseconds = compromisedSince?.instant.microseconds ?? 0
      }
      let recorded = try await connection.withConnection { connection in
        let governance = try await Governance(connection, key: admin)
        let terms = try await connection.authority(of: id).key.key
        return try await KeyCommand.change(
          governance, member: terms.memberID, roles: terms.roles, options, alone: .revokeKey(revocation),
          byVote: .revokeKey(revocation))
      }
      recorded.report("\(recorded.proposal == nil ? "revoked" : "proposed to revoke") key \(id)", json: options.json)
    }
  }
}
