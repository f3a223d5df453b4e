import ArgumentParser
import Client
import EPCIS
import FoundationEssentials
import Ledger
import Merkle
import Primitives
import Provenance
import SwiftProtobuf
import Terminal
import Wire

/// `cairn watch`
struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is recorded, in the order of the ledger.",
    discussion: "Ends with what there is now; --follow goes on with what comes, until Ctrl-C.")

  @OptionGroup var connection: ConnectionOptions

  @Option(
    name: .customLong("from"),
    help: ArgumentHelp("First log position; the beginning without it, with --follow the end.", valueName: "position"))
  var fromPosition: UInt64?

  @Option(help: ArgumentHelp("Only events of this item, in any spelling.", valueName: "id"))
  var item: [String] = []

  @OptionGroup var parameters: ParameterOptions

  @Flag(help: "Go on until Ctrl-C.")
  var follow = false

  @Flag(help: "Print JSON, one record a line.")
  var json = false

  func run() async throws {
    var wanted = try parameters.filter()
    wanted.items = item
    _ = try EventFilter(wanted)
    let filter = wanted
    try await connection.withConnection { connection in
      var start = fromPosition ?? 0
      if follow, fromPosition == nil { start = try await connection.ledgerInfo().logSize }
      let request = Cairn_V1_WatchLogRequest.with {
        $0.fromPosition = start
        if filter != .init() { $0.filter = filter }
        $0.stopAtEnd = !follow
      }
      try await connection.watch(request) { message in
        let entry = try LogEntry(message.entry)
        let header = try BatchHeader(entry.header)
        for record in message.records {
          let seen = WatchedLine(record, of: message, entry: entry, header: header)
          Console.output.line(json ? seen.json : seen.text(width: Console.output.width))
        }
      }
    }
  }
}
