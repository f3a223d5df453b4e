import EPCIS
import Primitives
import Terminal
import Wire

/// A change that the ledger has taken, and how the vote stands if there is one.
struct RecordedChange {
  /// The record's id.
  let id: Digest
  /// Position of its batch in the log.
  let position: UInt64
  /// The proposal that it made or was about.
  var proposal: Cairn_V1_ProposalStatus?

  /// Says what was done, and what is still to be done by whom. What was `shown` before is not told again.
  func report(_ done: String, shown: Bool = false, json: Bool) {
    guard !json else { return Console.output.write(JSONWriter.pretty(self.json)) }
    Console.output.line("\(done.visible), at log position \(position)")
    guard let proposal else { return }
    let words = ProposalStatusWords(proposal)
    if shown { Console.output.line("it is \(words.outcome)") } else { words.lines.forEach { Console.output.line($0) } }
    guard proposal.state == .open else { return }
    let prefix = Hex.encode(proposal.proposalID.prefix(8))
    Console.messages.line("It takes effect with enough votes: other members say `cairn vote \(prefix) approve`.")
  }

  private var json: JSONValue {
    .object([
      .init("recordId", .text("\(id)")), .init("position", .number(position)),
      .init("proposal", proposal.map { ProposalStatusWords($0).json } ?? .null),
    ])
  }
}
