import ArgumentParser
import Client
import EPCIS
import Primitives
import Provenance
import SwiftProtobuf
import Terminal
import Wire

/// `cairn subscribe`
struct Subscribe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Receive events as they are recorded, from where the last run stopped.",
    discussion: """
      The subscription is made when there is none of that name; the server keeps how far it has got. An event is \
      acknowledged once it is printed: one that was printed when the command was interrupted may come again, and none is \
      left out.
      """)

  /// Where a new subscription begins.
  enum Start: ExpressibleByArgument {
    case now
    case position(UInt64)

    init?(argument: String) {
      switch argument {
      case "now": self = .now
      case "beginning": self = .position(0)
      default:
        guard let position = UInt64(argument) else { return nil }
        self = .position(position)
      }
    }

    var defaultValueDescription: String { "now" }
  }

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var filters: FilterOptions

  @Argument(help: "The subscription's name, unique within your member.")
  var name: String

  @Option(help: ArgumentHelp("Where a new one begins: now, beginning, or a log position.", valueName: "place"))
  var start = Start.now

  @Option(help: ArgumentHelp("What a new one is for, for people.", valueName: "text"))
  var description = ""

  @Option(help: ArgumentHelp("At most this many events before they are acknowledged, 1 to 1,000.", valueName: "n"))
  var inFlight: UInt32 = 100

  @Flag(name: .customLong("until-caught-up"), help: "End with what there is now.")
  var untilCaughtUp = false

  @Flag(help: "Print JSON, one event a line.")
  var json = false

  func validate() throws {
    guard (1...1_000).contains(inFlight) else { throw ValidationError("--in-flight is 1 to 1000") }
  }

  func run() async throws {
    let filter = try filters.filter()
    let (json, untilCaughtUp) = (json, untilCaughtUp)
    try await connection.withConnection { connection in
      try await create(connection, filter)
      try await connection.receive(name, maxInFlight: inFlight) { message in
        for event in message.events { try Self.print(event, json: json) }
        return !(untilCaughtUp && message.caughtUp)
      }
    }
  }

  /// Without any condition the subscription is taken as it is.
  private func create(_ connection: LedgerConnection, _ filter: Cairn_V1_EventFilter) async throws(Failure) {
    if filter == Cairn_V1_EventFilter(), try await connection.subscription(name) != nil { return }
    let request = Cairn_V1_CreateSubscriptionRequest.with {
      $0.name = name
      $0.filter = filter
      $0.description_p = description
      if case .position(let position) = start { $0.fromPosition = position }
    }
    let answer = try await connection.createSubscription(request)
    let cursor = answer.subscription.cursor.position
    if answer.created { Console.messages.line("made subscription \(name), from log position \(cursor) on") }
  }

  private static func print(_ recorded: Cairn_V1_RecordedEvent, json: Bool) throws(Failure) {
    if json { return Console.output.write(JSONWriter.compact(try recorded.json) + [0x0A]) }
    let words = EventWords(recorded.event)
    let what = [words.headline, words.subject, words.place].filter { !$0.isEmpty }.joined(separator: "  ")
    let place = "\(recorded.position).\(recorded.recordIndex)".padded(to: 12)
    let warning = recorded.authorCompromised ? "COMPROMISED KEY  " : ""
    let line = "\(place)  \(RecordedTime(recorded.ledgerTimeMicroseconds).text)  \(warning)\(what)".visible
    Console.output.line(Console.output.width.map { line.fitted(to: $0) } ?? line)
  }
}
