import ArgumentParser
import Client
import EPCIS
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// `cairn history`
struct History: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell the history of one item.",
    discussion: """
      In order of event time, each event at its own local time. Places, parties and products have the names that members \
      have given them (cairn masterdata), and where coordinates are known the way from place to place is measured along the \
      great circle. JSON is printed with --json.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "A GS1 Digital Link URI, an EPC URN, an element string such as '(01)…(21)…', or another URI.")
  var item: String

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var proofs: ProofOptions

  func run() async throws {
    let page = try await connection.withConnection { connection in
      guard proofs.file != nil else { return try await ItemEvents.all(item, connection, describing: true) }
      let pages = EventPages(connection, .history(item: item), describing: true, proves: true)
      return try await proofs.proved(.history(.with { $0.item = item }), pages, connection)
    }
    if json {
      let events = try page.events.map { event throws(Failure) in try event.json }
      let document = JSONValue.object([
        .init("item", .text(page.item)), .init("logSize", .number(page.logSize)),
        .init("forbiddenEvents", .boolean(page.hidesEvents)), .init("events", .array(events)),
        .init("described", .array(page.described.map(\.json))),
      ])
      Console.output.write(JSONWriter.pretty(document))
    } else {
      print(page)
    }
  }

  private func print(_ page: EventPages.Page) {
    let style = Console.output.style(environment: environment)
    let names = SubjectNames(page.described)
    var journey = Journey(names)
    let timeline = Timeline(of: page.item, names: names, style: style, width: Console.output.width)
    Console.output.line(style(.heading, page.item.visible))
    if let name = names.name(of: page.item) { Console.output.line(name.visible) }
    Console.output.line(style(.faint, "\(page.events.count.counted("event")) · log size \(page.logSize.grouped)"))
    if page.hidesEvents {
      Console.output.line(style(.warning, "FORBIDDEN: it has other events, which are not open to you"))
    }
    if !page.events.isEmpty { Console.output.line() }
    for (index, event) in page.events.enumerated() {
      let leg = journey.leg(to: event.event)
      for line in timeline.lines(event, after: leg, isLast: index == page.events.count - 1) {
        Console.output.line(line)
      }
    }
    if let way = journey.words {
      Console.output.line()
      Console.output.line(style(.faint, way.visible))
    }
  }
}
