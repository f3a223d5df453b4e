import ArgumentParser
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Say which ledger a server keeps, and how large it is.")

  @OptionGroup var connection: ConnectionOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let ledger = try await connection.withConnection { try await $0.ledgerInfo() }
    guard !json else { return Console.output.write(JSONWriter.pretty(Self.json(ledger))) }
    Console.output.line("ledger   \(Hex.encode(ledger.ledgerID))")
    Console.output.line("origin   \(ledger.origin.visible)")
    Console.output.line("log      \(ledger.logSize.counted("batch")), all under a signed checkpoint")
    Console.output.line("log key  \(ledger.logVerifierKey.visible)")
    Console.output.line(
      "limits   a batch has at most \(ledger.maxRecordsPerBatch.counted("record")) and \(ledger.maxBatchBytes.grouped) "
        + "bytes, a record \(ledger.maxRecordBytes.grouped) bytes")
    Console.output.line("server   \(connection.server.visible), cairnd \(ledger.serverVersion.visible)")
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
