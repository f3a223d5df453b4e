import ArgumentParser
import Client
import EPCIS
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// `cairn item`
struct ItemCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "item",
    abstract: "Tell the state of one item: where it is, what is the matter with it, who has it, what it is in.",
    discussion: "Now, or as of any time. JSON is printed with --json.")

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var moment: MomentOptions

  @Argument(help: "A GS1 Digital Link URI, an EPC URN, an element string such as '(01)…(21)…', or another URI.")
  var item: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let request = Cairn_V1_GetItemRequest.with {
      $0.item = item
      $0.describe = true
      if let asOf = moment.asOf { $0.asOf.microseconds = asOf.instant.microseconds }
      if let knownAt = moment.knownAt { $0.knownAt.microseconds = knownAt.instant.microseconds }
    }
    let state = try await connection.withConnection { try await $0.item(request) }
    if json { return Console.output.write(JSONWriter.pretty(try state.json)) }
    let style = Console.output.style(environment: environment)
    ItemCard(state, style: style, width: Console.output.width).lines().forEach { Console.output.line($0) }
  }
}
