import ArgumentParser
import Capture
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn export`
struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give events back as an EPCIS 2.0 JSON-LD document.",
    discussion: "In the order of the ledger, exactly as they were recorded.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var filters: FilterOptions

  @Option(help: ArgumentHelp("At most this many events.", valueName: "n"))
  var limit = Int.max

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to; the output without it.", valueName: "file"), completion: .file())
  var output: String?

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit is at least 1") }
  }

  func run() async throws {
    let filter = try filters.filter()
    let page = try await connection.withConnection { try await EventPages($0, .events(filter), limit: limit).all() }
    let document = JSONWriter.pretty(try EPCISWriter.document(page.events.map(\.event), createdAt: .now))
    guard let output else { return Console.output.write(document) }
    try Files.replace(output, document)
    Console.messages.line("wrote \(page.events.count.counted("event")) to \(output.visible)")
  }
}
