import ArgumentParser
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn masterdata list`
struct MasterDataList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the places, parties and products that somebody describes.")

  /// Kinds, by the words people type.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case place, party, product

    var wire: Cairn_V1_MasterDataKind {
      switch self {
      case .place: .place
      case .party: .party
      case .product: .product
      }
    }
  }

  @OptionGroup var connection: ConnectionOptions

  @Option(help: "Of this kind only.")
  var kind: Kind?

  @Option(help: ArgumentHelp("At that time, RFC 3339 or a date; now without it.", valueName: "time"))
  var at: Moment?

  @Flag(help: "Print JSON, one subject a line.")
  var json = false

  func run() async throws {
    var table = Table(
      ["SUBJECT", "KIND", "NAME", "LOCATION", "SAID BY"], flexible: ["SUBJECT", "NAME", "SAID BY"])
    try await connection.withConnection { connection in
      try await connection.masterData(kind?.wire ?? .unspecified, at: at?.instant) { entry in
        if json { return Console.output.write(JSONWriter.compact(entry.json) + [0x0A]) }
        let words = MasterDataWords(entry.shown.masterData)
        let others = entry.others.isEmpty ? "" : " (also \(entry.others.joined(separator: ", ")))"
        table.add([entry.subject, words.kind, words.name, words.location, entry.shown.memberID + others])
      }
    }
    if !json { table.print() }
  }
}
