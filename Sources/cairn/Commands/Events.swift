import ArgumentParser
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn events`
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List events.", discussion: "In the order of the ledger. JSON is printed with --json, one event a line.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var filters: FilterOptions

  @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
  var limit = 100

  @Flag(help: "Print JSON, one event a line.")
  var json = false

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit is at least 1") }
  }

  func run() async throws {
    let filter = try filters.filter()
    try await connection.withConnection { connection in
      let pages = EventPages(connection, .events(filter), limit: limit, describing: !json)
      if json {
        try await pages.visit { page in
          for event in page.events { Console.output.write(JSONWriter.compact(try event.json) + [0x0A]) }
        }
      } else {
        print(try await pages.all())
      }
    }
  }

  private func print(_ page: EventPages.Page) {
    var table = Table(
      ["TIME", "POSITION", "STEP", "DISPOSITION", "EVENT", "WHAT", "WHERE", "MEMBER"],
      flexible: ["DISPOSITION", "EVENT", "WHAT", "WHERE", "MEMBER"])
    let names = SubjectNames(page.described)
    for recorded in page.events {
      let words = EventWords(recorded.event, names: names)
      table.add([
        words.time, "\(recorded.position).\(recorded.recordIndex)", words.bizStep, words.disposition,
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
