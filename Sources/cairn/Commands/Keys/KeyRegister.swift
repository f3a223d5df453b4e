import ArgumentParser
import Client
import Consortium
import FoundationEssentials
import Primitives
import Signing
import SwiftProtobuf
import Wire

extension KeyCommand {
  /// `cairn key register`
  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a key write to the ledger, and read from it.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signer: SigningKey
    @OptionGroup var options: ProposalOptions

    @Option(
      help: ArgumentHelp("Public key to register, as keygen writes it.", valueName: "file.pub"), completion: .file())
    var publicKey: String

    @Option(help: ArgumentHelp("Member that answers for the key; the admin's own without it.", valueName: "id"))
    var member: String?

    @Option(
      help: ArgumentHelp(
        "\(Role.allCases.map(\.rawValue).joined(separator: ", ")); may be repeated.", valueName: "role"))
    var role: [Role]

    @Option(help: ArgumentHelp("What people call the device or person.", valueName: "text"))
    var label = ""

    @Option(help: ArgumentHelp("Valid from this time on, RFC 3339; at once without it.", valueName: "time"))
    var validFrom: Moment?

    @Option(
      help: ArgumentHelp(
        "Valid before this time, RFC 3339 or for example 365d; without end without it.", valueName: "time"))
    var validUntil: Deadline?

    func run() async throws {
      let admin = try signer.load()
      let key = try KeyFile.publicKey(publicKey)
      let (terms, recorded) = try await connection.withConnection { connection in
        let governance = try await Governance(connection, key: admin)
        let terms = registration(of: key, governance.memberID)
        let recorded = try await KeyCommand.change(
          governance, member: terms.memberID, roles: terms.roles, options, alone: .registerKey(terms),
          byVote: .registerKey(terms))
        return (terms, recorded)
      }
      let done = recorded.proposal == nil ? "registered" : "proposed to register"
      let roles = role.map(\.rawValue).joined(separator: ", ")
      recorded.report("\(done) \(key.suite) key \(key.id) for \(terms.memberID) as \(roles)", json: options.json)
    }

    private func registration(of key: PublicKey, _ ownMember: String) -> Cairn_V1_RegisterKey {
      .with {
        $0.publicKey = Data(key.subjectPublicKeyInfo)
        $0.memberID = member ?? ownMember
        $0.roles = role.map(\.wire)
        $0.label = label
        $0.notBeforeMicroseconds = validFrom?.instant.microseconds ?? 0
        $0.notAfterMicroseconds = validUntil?.instant(from: .now).microseconds ?? 0
      }
    }
  }
}
