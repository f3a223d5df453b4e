import ArgumentParser
import Checkpoints
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn checkpoint`
struct CheckpointCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Print a signed checkpoint, verbatim.",
    discussion: "With --policy its signatures are checked first.")

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("The checkpoint of that size; the latest without it.", valueName: "entries"))
  var size: UInt64 = 0

  @Option(help: ArgumentHelp("The tlog-policy you hold.", valueName: "file"), completion: .file())
  var policy: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let policy = try policy.map { path throws(Failure) in try PolicyFile.read(path) }
    let found = try await connection.withConnection { try await $0.checkpoint(size: size) }
    if let policy { _ = try policy.verify(found.checkpoint) }
    let parsed = try Checkpoint(try SignedNote(found.checkpoint).text)
    guard json else { return Console.output.write(Array(found.checkpoint.utf8)) }
    Console.output.write(
      JSONWriter.pretty(
        .object([
          .init("origin", .text(parsed.origin)), .init("size", .number(parsed.size)),
          .init("root", .text("\(parsed.root)")), .init("checkpoint", .text(found.checkpoint)),
          .init("verified", .boolean(policy != nil)),
        ])))
  }
}
