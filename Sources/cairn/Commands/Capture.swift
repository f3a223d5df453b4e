import ArgumentParser
import Capture
import Client
import EPCIS
import Ledger
import Primitives
import Signing
import Terminal
import Wire

/// `cairn capture`
struct CaptureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Record the events of EPCIS 2.0 JSON-LD files.",
    discussion: """
      All files are read and checked before anything is sent; of a file with errors nothing is sent. Batches are signed and \
      kept on this machine until the ledger has acknowledged them: run the same command again after an interruption, and it \
      goes on where it was. A file that was captured before is not sent twice, whatever its visibility.
      """)

  /// What a bad record does, by the words people type.
  enum OnError: String, CaseIterable, ExpressibleByArgument {
    case reject, skip
  }

  /// What set the clock, by the words people type.
  enum Clock: String, CaseIterable, ExpressibleByArgument {
    case ntp, rtc, gnss, unknown
  }

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "EPCIS documents, lists of events or single events.", completion: .file())
  var files: [String]

  @Option(help: ArgumentHelp("Private key of the device (CAIRN_KEY).", valueName: "file"), completion: .file())
  var key: String?

  @Option(help: ArgumentHelp("Events in a batch, 1 to \(Limits.recordsPerBatch).", valueName: "n"))
  var batchSize = 500

  @Option(help: "What the ledger does with a batch that has a bad event: refuse it, or record it without that event.")
  var onError = OnError.reject

  @Option(
    help: ArgumentHelp(
      "Who may read the events besides your own organisation, auditors and regulators: public, members or parties=acme,zulu.",
      valueName: "who"),
    transform: { words in
      do throws(Failure) { return try Audience(words) } catch { throw ValidationError(error.message) }
    })
  var visibility = Audience.members

  @Option(help: "What this machine's clock is set by.")
  var clock = Clock.unknown

  @Flag(help: "Send the good events of a file with errors.")
  var skipInvalid = false

  @Flag(help: "Print a summary as JSON.")
  var json = false

  func validate() throws {
    guard (1...Limits.recordsPerBatch).contains(batchSize) else {
      throw ValidationError("--batch-size is 1 to \(Limits.recordsPerBatch)")
    }
    guard keyFile != nil else { throw ValidationError("name the device's private key with --key or CAIRN_KEY") }
  }

  func run() async throws {
    let key = try KeyFile.privateKey(keyFile ?? "")
    var reading = SourceReading(for: visibility)
    for file in files { reading.read(file) }
    reading.report(
      consequence: skipInvalid ? "these are left out" : "nothing of this file is sent (--skip-invalid sends the rest)")
    let sources = reading.sources.filter { skipInvalid || $0.problemCount == 0 }
    if !sources.isEmpty {
      let summary = try await connection.withConnection(presenting: key) { connection in
        let courier = try await Author.courier(connection, key: key)
        Author.note(courier.standing)
        return try await SourceSending(options: options).send(sources, courier)
      }
      summary.report(json: json)
      if !summary.isComplete { throw ExitCode(ExitStatus.refused.rawValue) }
    }
    if reading.hasProblems { throw ExitCode(ExitStatus.refused.rawValue) }
  }

  private var keyFile: String? { key ?? environment["CAIRN_KEY"] }

  private var options: BatchPlan.Options {
    var options = BatchPlan.Options()
    options.batchSize = batchSize
    options.onError = onError == .skip ? .skipRecord : .rejectBatch
    options.clockQuality =
      switch clock {
      case .ntp: .ntp
      case .rtc: .rtc
      case .gnss: .gnss
      case .unknown: .unknown
      }
    return options
  }
}
