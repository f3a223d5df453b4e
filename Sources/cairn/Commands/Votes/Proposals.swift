import ArgumentParser
import Client
import Consortium
import EPCIS
import Primitives
import Terminal
import Wire

/// `cairn proposals`
struct Proposals: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List what is and was voted on, or show one proposal and its votes.", discussion: "Newest first.")

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "One proposal: its id, or the first 8 or more characters of it.")
  var proposal: ProposalReference?

  @Option(help: "Only those in this state.")
  var state: ProposalState?

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    if let proposal {
      let status = try await connection.withConnection { try await proposal.status($0, all: true) }
      let words = ProposalStatusWords(status)
      if json { return Console.output.write(JSONWriter.pretty(words.json)) }
      return words.lines.forEach { Console.output.line($0) }
    }
    let found = try await connection.withConnection { try await $0.proposals(state?.wire ?? .unspecified) }
    let words = found.map(ProposalStatusWords.init)
    if json { return Console.output.write(JSONWriter.pretty(.array(words.map(\.json)))) }
    var table = Table(ProposalStatusWords.headings, flexible: ["WHAT", "BY"])
    for proposal in words { table.add(proposal.row) }
    table.print()
    Console.messages.line(found.count.counted("proposal"))
  }
}

extension ProposalState: ExpressibleByArgument {}
