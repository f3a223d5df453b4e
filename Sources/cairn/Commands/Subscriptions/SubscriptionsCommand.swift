import ArgumentParser
import Client
import Primitives
import SwiftProtobuf
import Terminal
import Wire

/// `cairn subscriptions`
struct SubscriptionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subscriptions", abstract: "List, show and delete your member's subscriptions.",
    subcommands: [List.self, Show.self, Delete.self], defaultSubcommand: List.self)

  /// `cairn subscriptions list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "How far each has got.")

    @OptionGroup var connection: ConnectionOptions

    @Flag(help: "Print JSON, one subscription a line.")
    var json = false

    func run() async throws {
      let found = try await connection.withConnection { try await $0.memberSubscriptions() }
      if json { return try found.forEach { Console.output.line(try $0.jsonString()) } }
      var table = Table(["NAME", "CURSOR", "BEHIND", "RECEIVER", "DESCRIPTION"], flexible: ["NAME", "DESCRIPTION"])
      for subscription in found {
        table.add([
          subscription.name, subscription.cursor.words, subscription.entriesBehind.grouped, subscription.receiver,
          subscription.description_p,
        ])
      }
      table.print()
      Console.messages.line(found.count.counted("subscription"))
    }
  }

  /// `cairn subscriptions show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "One subscription with its filter.")

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "Its name.")
    var name: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      guard let subscription = try await connection.withConnection({ try await $0.subscription(name) }) else {
        throw Failure(.notFound, "UNKNOWN_SUBSCRIPTION", "name: your member has no subscription \(name)")
      }
      if json { return Console.output.line(try subscription.jsonString()) }
      Console.output.line("name         \(subscription.name)")
      if !subscription.description_p.isEmpty {
        Console.output.line("for          \(subscription.description_p.visible)")
      }
      Console.output.line("filter       \(try subscription.filter.jsonString().visible)")
      Console.output.line("cursor       \(subscription.cursor.words)")
      Console.output.line(
        "behind       \(subscription.entriesBehind.grouped) of \(Int(clamping: subscription.logSize).grouped) log entries"
      )
      Console.output.line("receiver     \(subscription.receiver)")
      Console.output.line("created      \(RecordedTime(subscription.createdAtMicroseconds).text)")
    }
  }

  /// `cairn subscriptions delete`
  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forget a subscription and how far it has got.")

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "Its name.")
    var name: String

    func run() async throws {
      try await connection.withConnection { try await $0.deleteSubscription(name) }
      Console.messages.line("deleted \(name)")
    }
  }
}

extension Cairn_V1_LogPlace {
  fileprivate var words: String { "\(position).\(recordIndex)" }
}

extension Cairn_V1_Subscription {
  /// Log entries from the cursor on.
  fileprivate var entriesBehind: Int { Int(clamping: logSize - min(logSize, cursor.position)) }

  fileprivate var receiver: String { connected ? "connected, \(inFlight) in flight" : "none" }
}
