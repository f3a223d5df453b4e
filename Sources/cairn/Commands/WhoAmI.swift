import ArgumentParser
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn whoami`
struct WhoAmI: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whoami", abstract: "Say whom the server takes you for, and what you may do.")

  @OptionGroup var connection: ConnectionOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let who = try await connection.withConnection { try await $0.whoAmI() }
    if json { return Console.output.write(JSONWriter.pretty(Self.json(who))) }
    guard who.hasKey else {
      Console.output.line("nobody in particular: you may read what is public")
      return Console.messages.line("--identity FILE or CAIRN_IDENTITY names a private key, --token a bearer token.")
    }
    Console.output.line("method    \(who.method.visible)")
    KeyWords(who.key).lines.forEach { Console.output.line($0) }
    Console.output.line()
    MemberWords(who.member).lines.forEach { Console.output.line($0) }
  }

  private static func json(_ who: Cairn_V1_WhoAmIResponse) -> JSONValue {
    .object([
      .init("method", .text(who.method)), .init("key", who.hasKey ? KeyWords(who.key).json : .null),
      .init("member", who.hasMember ? MemberWords(who.member).json : .null),
    ])
  }
}
