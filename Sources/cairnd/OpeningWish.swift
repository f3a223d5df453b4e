import Consensus
import Primitives

/// What an operator gives to open the next epoch with.
struct OpeningWish {
  /// The members' statements.
  let files: [StatementFile]
  /// The epoch that is left.
  let epoch: UInt64
  /// The log to go on from, where the members agreed on one instead of leaving it to the rule.
  let chosen: LogPoint?
  /// Whether an honest node's promise may break; so it is where people chose.
  var acceptsIncomplete: Bool

  /// `base` is one of the logs that the statements name, as they write it; fails with malformed UNKNOWN_LOG, which says which
  /// they are.
  init(_ files: [StatementFile], epoch: UInt64, base: String?, acceptingIncomplete: Bool) throws(Failure) {
    self.files = files
    self.epoch = epoch
    acceptsIncomplete = acceptingIncomplete || base != nil
    let named = Self.named(files)
    chosen = named.first { base == $0.description }
    guard base == nil || chosen != nil else {
      throw .malformed(
        "UNKNOWN_LOG", field: "base",
        "the statements name \(named.sorted().map(\.description).joined(separator: ", ")), and not \(base ?? "")")
    }
  }

  /// What the members said.
  var statements: [SignedStatement] { files.map(\.statement) }

  /// Every log that they name.
  var named: Set<LogPoint> { Self.named(files) }

  /// The same, without accepting that a promise breaks where nobody chose.
  var insisting: OpeningWish {
    var wish = self
    wish.acceptsIncomplete = chosen != nil
    return wish
  }

  private static func named(_ files: [StatementFile]) -> Set<LogPoint> {
    Set(files.flatMap { [$0.statement.statement.log, $0.statement.statement.signed].compactMap(\.self) })
  }
}
