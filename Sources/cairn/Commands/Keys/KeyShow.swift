import ArgumentParser
import Client
import Consortium
import EPCIS
import Primitives
import SwiftProtobuf
import Terminal
import Wire

extension KeyCommand {
  /// `cairn key show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say whose a key is and what it may do.")

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The key's id, or the file with its public half.")
    var key: KeyReference

    @Option(help: ArgumentHelp("As an entry at this log position found it; now without it.", valueName: "n"))
    var position: UInt64?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
      let id = try key.id()
      let (found, author) = try await connection.withConnection { connection in
        (try await connection.authority(of: id, at: position), try await connection.author(id))
      }
      let batches = author.nextSequence > 0 ? author.nextSequence - 1 : 0
      if json {
        let document = JSONValue.object([
          .init("position", .number(found.position)),
          .init("ledgerTime", .text("\(Instant(microseconds: found.ledgerTimeMicroseconds))")),
          .init("key", KeyWords(found.key).json), .init("member", MemberWords(found.member).json),
          .init("batches", .number(batches)), .init("lastHeaderDigest", .hex(author.lastHeaderDigest)),
        ])
        return Console.output.write(JSONWriter.pretty(document))
      }
      KeyWords(found.key).lines.forEach { Console.output.line($0) }
      Console.output.line("batches   \(batches.grouped)")
      Console.messages.line(
        "as of log position \(found.position), \(RecordedTime(found.ledgerTimeMicroseconds).text)")
    }
  }

  /// `cairn key list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List keys in order of registration.")

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("Only of this member.", valueName: "id"))
    var member = ""

    @Option(help: ArgumentHelp("Only with this role.", valueName: "role"))
    var role: Role?

    @Option(
      help: ArgumentHelp("Only those that expire within this time, for example 30d, or before it.", valueName: "time"))
    var expiring: Deadline?

    @Flag(help: "Print JSON, one key a line.")
    var json = false

    func run() async throws {
      let request = Cairn_V1_ListKeysRequest.with {
        $0.memberID = member
        $0.role = role?.wire ?? .unspecified
        $0.expiringBeforeMicroseconds = expiring?.instant(from: .now).microseconds ?? 0
      }
      try await connection.withConnection { connection in
        var table = Table(KeyWords.headings, flexible: ["LABEL", "ROLES", "VALID"])
        var count = 0
        try await connection.keys(request) { key in
          count += 1
          let words = KeyWords(key)
          if json {
            Console.output.write(JSONWriter.compact(words.json) + [0x0A])
          } else {
            table.add(words.row)
          }
        }
        if !json { table.print() }
        Console.messages.line(count.counted("key"))
      }
    }
  }
}
