import ArgumentParser
import Capture
import Client
import Primitives
import Signing
import Terminal

/// `cairn masterdata add`
struct MasterDataAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Describe the places, parties and products of files.",
    discussion: """
      A file is an EPCIS 2.0 JSON-LD document with master data (epcisHeader.epcisMasterData.vocabularyList), or a table of \
      comma-separated values with the columns subject, kind (place, party, product) and name, and any of language, street, \
      city, region, postal_code, country, latitude, longitude, gln, part_of, valid_from, image_media_type, image_sha256, \
      image_uri, and attributes such as cbvmda:netContentDescription. Of a file with errors nothing is sent, and a file that \
      was added before is not sent twice.

      Each description is a version, right from its time on (--valid-from; without one from the beginning). Of your \
      organisation's versions the one with the latest time counts, of several with the same the one recorded last: a mistake \
      is put right by saying it again with the same time, and what was withdrawn is described again with a time later than \
      the withdrawal.
      """)

  private static let noun = "description"

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "EPCIS 2.0 JSON-LD documents or CSV tables.", completion: .file())
  var files: [String]

  @Option(help: ArgumentHelp("Private key with the role operator (CAIRN_KEY).", valueName: "file"), completion: .file())
  var key: String?

  @Option(
    help: ArgumentHelp(
      "Who may read it besides your own organisation, auditors and regulators: public, members or parties=acme,zulu.",
      valueName: "who"),
    transform: { words in
      do throws(Failure) { return try Audience(words) } catch { throw ValidationError(error.message) }
    })
  var visibility = Audience.members

  @Option(
    help: ArgumentHelp("From when on it is right, where a file does not say: RFC 3339 or a date.", valueName: "time"))
  var validFrom: Moment?

  @Flag(help: "Print a summary as JSON.")
  var json = false

  func validate() throws {
    guard keyFile != nil else { throw ValidationError("name an operator's private key with --key or CAIRN_KEY") }
  }

  func run() async throws {
    let key = try KeyFile.privateKey(keyFile ?? "")
    var reading = SourceReading(for: visibility, noun: Self.noun)
    for file in files {
      reading.read(file) { bytes throws(Failure) in
        try SourceFile(masterDataIn: file, bytes: bytes, audience: visibility, validFrom: validFrom?.instant)
      }
    }
    reading.report(consequence: "nothing of this file is sent")
    let sources = reading.sources.filter { $0.problemCount == 0 }
    if !sources.isEmpty {
      let summary = try await connection.withConnection(presenting: key) { connection in
        let courier = try await Author.courier(connection, key: key)
        Author.note(courier.standing)
        return try await SourceSending(options: BatchPlan.Options(), noun: Self.noun).send(sources, courier)
      }
      summary.report(json: json)
    }
    if reading.hasProblems { throw ExitCode(ExitStatus.refused.rawValue) }
  }

  private var keyFile: String? { key ?? environment["CAIRN_KEY"] }
}
