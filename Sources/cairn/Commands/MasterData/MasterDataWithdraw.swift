import ArgumentParser
import Capture
import Client
import Ledger
import Primitives
import Signing
import SwiftProtobuf
import Terminal
import Wire

/// `cairn masterdata withdraw`
struct MasterDataWithdraw: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Describe something no longer.",
    discussion: """
      What your organisation said of it stays in the ledger and counts no more; the organisation that came next speaks for \
      it. Versions of yours that begin later are not touched: withdraw again with --valid-from and their time. Let whoever \
      could read the description read this too (--visibility).
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "What was described.")
  var subject: String

  @Option(help: ArgumentHelp("Private key with the role operator (CAIRN_KEY).", valueName: "file"), completion: .file())
  var key: String?

  @Option(
    help: ArgumentHelp("Who may read it: public, members or parties=acme,zulu.", valueName: "who"),
    transform: { words in
      do throws(Failure) { return try Audience(words) } catch { throw ValidationError(error.message) }
    })
  var visibility = Audience.members

  @Option(help: ArgumentHelp("From when on, RFC 3339 or a date; now without it.", valueName: "time"))
  var validFrom: Moment?

  func validate() throws {
    guard keyFile != nil else { throw ValidationError("name an operator's private key with --key or CAIRN_KEY") }
  }

  func run() async throws {
    let key = try KeyFile.privateKey(keyFile ?? "")
    let time = validFrom?.instant ?? .now
    let receipt = try await connection.withConnection(presenting: key) { connection in
      let member = try await connection.author(key.publicKey.id).memberID
      let versions = try await connection.masterData(of: subject, at: validFrom?.instant).versions
      guard let own = versions.first(where: { $0.memberID == member })?.masterData else {
        throw Failure(.notFound, "NOT_DESCRIBED", "\(member) does not describe \(subject) at \(time)")
      }
      let withdrawal = Cairn_V1_MasterData.with {
        $0.subject = own.subject
        $0.kind = own.kind
        $0.withdrawn = true
        $0.validFromMicroseconds = time.microseconds
      }
      let record = Cairn_V1_Record(
        masterData: withdrawal, salt: Salt.fresh(), visibility: visibility.visibility)
      return try await Author.deliver(
        try BatchBuilder.serialize(record), try await Author.courier(connection, key: key))
    }
    Console.output.line("withdrawn, at log position \(receipt.position)")
    Console.output.line("to describe it again: cairn masterdata add FILE --valid-from TIME, later than \(time)")
  }

  private var keyFile: String? { key ?? environment["CAIRN_KEY"] }
}
