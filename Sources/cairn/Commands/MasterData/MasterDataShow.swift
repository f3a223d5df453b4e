import ArgumentParser
import Client
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn masterdata show`
struct MasterDataShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Tell what a place, a party or a product is.",
    discussion: """
      The organisation that described it first speaks for it, until it withdraws; what others say of it stands below.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "A GLN, party GLN, GTIN or lot as Digital Link URI, EPC URN or element string, or another URI.")
  var subject: String

  @Option(help: ArgumentHelp("At that time, RFC 3339 or a date; now without it.", valueName: "time"))
  var at: Moment?

  @Flag(help: "Every version that was ever recorded, in the order of the ledger.")
  var versions = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard at == nil || !versions else { throw ValidationError("--at and --versions exclude each other") }
  }

  func run() async throws {
    let versions = try await connection.withConnection { connection in
      if self.versions { return try await connection.masterDataVersions(of: subject) }
      return try await connection.masterData(of: subject, at: at?.instant).versions
    }
    if json { return Console.output.write(JSONWriter.pretty(.array(versions.map(\.json)))) }
    guard !versions.isEmpty else { return Console.messages.line("nobody describes it, as far as you may know") }
    for (index, version) in versions.enumerated() {
      if index > 0 { Console.output.line() }
      for line in Self.lines(version) { Console.output.line(line) }
    }
  }

  private static func lines(_ version: Cairn_V1_RecordedMasterData) -> [String] {
    let style = Console.output.style(environment: environment)
    let words = MasterDataWords(version.masterData)
    let place = "position \(version.position).\(version.recordIndex)"
    let time = RecordedTime(version.ledgerTimeMicroseconds).text
    var lines = words.lines
    lines.append(("said by", "\(version.memberID), recorded \(time), \(place)"))
    if version.authorCompromised { lines.append(("warning", "others had this key then: it does not count")) }
    lines.append(("record", Hex.encode(version.recordID)))
    return [style(.heading, words.headline.visible)]
      + lines.map { "  \(style(.faint, $0.label.visible.padded(to: 12)))\($0.text.visible)" }
  }
}
