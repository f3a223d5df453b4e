import ArgumentParser
import Client
import EPCIS
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// `cairn events`
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List events.",
    discussion: """
      In the order of the ledger unless another is asked for. JSON is printed with --json, one event a line.
      Different options must all be met; of the values of one option any may match.
      """)

  /// What events are ordered by.
  enum Order: String, CaseIterable, ExpressibleByArgument {
    case ledger
    case eventTime = "event-time"
  }

  @OptionGroup(title: "Which events") var filters: FilterOptions
  @OptionGroup var connection: ConnectionOptions

  @Option(help: "Order: as they were recorded, or as they happened.")
  var order = Order.ledger

  @Flag(help: "The last first.")
  var newest = false

  @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
  var limit = 100

  @Flag(help: "Print JSON, one event a line.")
  var json = false

  @OptionGroup var proofs: ProofOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit is at least 1") }
    guard !newest || (try? filters.request())?.orderDirection != .ascending else {
      throw ValidationError("--newest and --where orderDirection=ASC exclude each other")
    }
  }

  func run() async throws {
    let request = try self.request()
    try await connection.withConnection { connection in
      let pages = EventPages(
        connection, .query(request), limit: limit, describing: !json, proves: proofs.file != nil)
      if proofs.file != nil {
        let page = try await proofs.proved(.events(request), pages, connection)
        json ? try printLines(page) : print(page)
      } else if json {
        try await pages.visit(printLines)
      } else {
        print(try await pages.all())
      }
    }
  }

  private func request() throws(Failure) -> Cairn_V1_QueryEventsRequest {
    var request = try filters.request()
    if order == .eventTime { request.orderBy = .eventTime }
    if newest { request.orderDirection = .descending }
    return request
  }

  private func printLines(_ page: EventPages.Page) throws(Failure) {
    for event in page.events { Console.output.write(JSONWriter.compact(try event.json) + [0x0A]) }
  }

  private func print(_ page: EventPages.Page) {
    var table = Table(
      ["TIME", "POSITION", "STEP", "DISPOSITION", "EVENT", "WHAT", "WHERE", "MEMBER"],
      flexible: ["DISPOSITION", "EVENT", "WHAT", "WHERE", "MEMBER"])
    let names = SubjectNames(page.described)
    for recorded in page.events {
      let words = EventWords(recorded.event, names: names)
      table.add([
        words.time, "\(recorded.position).\(recorded.recordIndex)", words.step, words.disposition,
        words.kind.replacing(" event", with: ""), words.subject, words.place,
        recorded.memberID + (recorded.authorCompromised ? " (compromised key)" : ""),
      ])
    }
    let style = Console.output.style(environment: environment)
    for line in table.lines(style: style, width: Console.output.width) { Console.output.line(line) }
    let more = page.events.count == limit ? " (--limit shows more)" : ""
    Console.messages.line("\(page.events.count.counted("event"))\(more) · log size \(page.logSize.grouped)")
  }
}
