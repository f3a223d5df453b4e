import ArgumentParser
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which ledger a server keeps, and how large it is; with --node, how several nodes stand.",
    discussion: """
      With --node, once for each, the nodes are asked at the same time and stand side by side: how long their logs are, what is \
      final, whose cosignatures are missing, whether they reach the engine, until when their keys are valid. Exit status 1 means \
      that somebody has to look. --ca may hold the certificates of all of them, one after the other.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("A node to compare with others; may be given several times.", valueName: "host:port"))
  var node: [String] = []

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard node.count <= Self.maxNodes else { throw ValidationError("at most \(Self.maxNodes) nodes are asked at once") }
  }

  private static let maxNodes = 64

  func run() async throws {
    guard node.isEmpty else { return try await compare(node) }
    let (ledger, status) = try await connection.withConnection {
      (try await $0.ledgerInfo(), try await $0.nodeStatus())
    }
    guard !json else { return Console.output.write(JSONWriter.pretty(Self.json(ledger))) }
    Console.output.line("ledger   \(Hex.encode(ledger.ledgerID))")
    Console.output.line("origin   \(ledger.origin.visible)")
    Console.output.line("log      \(ledger.logSize.counted("batch")), all under a signed checkpoint")
    Console.output.line("log key  \(ledger.logVerifierKey.visible)")
    Console.output.line(
      "limits   a batch has at most \(ledger.maxRecordsPerBatch.counted("record")) and \(ledger.maxBatchBytes.grouped) "
        + "bytes, a record \(ledger.maxRecordBytes.grouped) bytes")
    Console.output.line("server   \(connection.server.visible), cairnd \(ledger.serverVersion.visible)")
    for trouble in [status.stoppedReason, status.engineMessage] where !trouble.isEmpty {
      Console.messages.line("warning  \(trouble.visible)")
    }
  }

  private static func json(_ ledger: Cairn_V1_GetLedgerResponse) -> JSONValue {
    .object([
      .init("ledgerId", .hex(ledger.ledgerID)), .init("origin", .text(ledger.origin)),
      .init("logSize", .number(ledger.logSize)), .init("logVerifierKey", .text(ledger.logVerifierKey)),
      .init("maxBatchBytes", .number(ledger.maxBatchBytes)),
      .init("maxRecordsPerBatch", .number(ledger.maxRecordsPerBatch)),
      .init("maxRecordBytes", .number(ledger.maxRecordBytes)), .init("serverVersion", .text(ledger.serverVersion)),
      .init("policy", .text(ledger.policy)),
    ])
  }
}
