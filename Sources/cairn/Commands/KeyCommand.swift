import ArgumentParser
import Capture
import Client
import Consortium
import EPCIS
import FoundationEssentials
import Ledger
import Primitives
import Signing
import SwiftProtobuf
import Terminal
import Wire

/// `cairn key`
struct KeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Register, revoke and look up keys.",
    subcommands: [Register.self, Revoke.self, Show.self])

  /// `cairn key register`
  struct Register: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a key write to the ledger.")

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("Private key of an admin.", valueName: "file"), completion: .file())
    var adminKey: String

    @Option(
      help: ArgumentHelp("Public key to register, as keygen writes it.", valueName: "file.pub"), completion: .file())
    var publicKey: String

    @Option(help: ArgumentHelp("Organisation that answers for the key: a-z, 0-9, '.' and '-'.", valueName: "name"))
    var member: String

    @Option(help: ArgumentHelp("device, operator or admin.", valueName: "role"))
    var role: Role

    @Option(help: ArgumentHelp("What people call the device or person.", valueName: "text"))
    var label = ""

    @Option(help: ArgumentHelp("Valid from this time on, RFC 3339; at once without it.", valueName: "time"))
    var validFrom: Moment?

    @Option(help: ArgumentHelp("Valid before this time, RFC 3339; without end without it.", valueName: "time"))
    var validUntil: Moment?

    func run() async throws {
      let admin = try KeyFile.privateKey(adminKey)
      let key = try KeyFile.publicKey(publicKey)
      let registration = Cairn_V1_RegisterKey.with {
        $0.publicKey = Data(key.subjectPublicKeyInfo)
        $0.memberID = member
        $0.role = role.wire
        $0.label = label
        $0.notBeforeMicroseconds = validFrom?.instant.microseconds ?? 0
        $0.notAfterMicroseconds = validUntil?.instant.microseconds ?? 0
      }
      let receipt = try await KeyCommand.submit(.registerKey(registration), admin: admin, connection)
      Console.output.line("registered \(key.suite) key \(key.id)")
      Console.output.line("for \(member) as \(role.rawValue), at log position \(receipt.position)")
    }
  }

  /// `cairn key revoke`
  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a key; what it has signed stays.")

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("Private key of an admin.", valueName: "file"), completion: .file())
    var adminKey: String

    @Argument(help: "The key's id, 64 hexadecimal characters.")
    var keyID: HexDigest

    @Option(help: ArgumentHelp("Why, for people.", valueName: "text"))
    var reason = ""

    func run() async throws {
      let admin = try KeyFile.privateKey(adminKey)
      let revocation = Cairn_V1_RevokeKey.with {
        $0.keyID = Data(keyID.digest.bytes)
        $0.reason = reason
      }
      let receipt = try await KeyCommand.submit(.revokeKey(revocation), admin: admin, connection)
      Console.output.line("revoked key \(keyID.digest), at log position \(receipt.position)")
    }
  }

  /// `cairn key show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say whose a key is and what it may do.")

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The key's id, 64 hexadecimal characters.")
    var keyID: HexDigest

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let author = try await connection.withConnection { try await $0.author(KeyID(keyID.digest)) }
      let words = AuthorWords(author, id: KeyID(keyID.digest))
      if json {
        Console.output.write(JSONWriter.pretty(words.json))
      } else {
        words.lines.forEach { Console.output.line($0) }
      }
    }
  }

  /// Signs one change as the admin and sends it.
  private static func submit(
    _ change: Cairn_V1_ConsortiumRecord.OneOf_Change, admin: PrivateKey, _ options: ConnectionOptions
  ) async throws(Failure) -> Cairn_V1_Receipt {
    let wire = Cairn_V1_Record(change: change, salt: Salt.fresh())
    _ = try ConsortiumChange(wire.consortium)
    let record = try BatchBuilder.serialize(wire)
    return try await options.withConnection(presenting: admin) { connection in
      try await Author.deliver(record, try await Author.courier(connection, key: admin))
    }
  }
}

extension Role: ExpressibleByArgument {}
