package import Checkpoints
package import EPCIS
package import Ledger
import Primitives

/// What a transparency proof alone shows: that a log entry is in the log.
package struct ProvedEntry: Sendable {
  private let entry: LogEntry
  private let header: BatchHeader
  private let index: UInt64
  private let verified: VerifiedCheckpoint

  /// The entry at `index`, found under a checkpoint.
  package init(entry: LogEntry, header: BatchHeader, index: UInt64, _ verified: VerifiedCheckpoint) {
    self.entry = entry
    self.header = header
    self.index = index
    self.verified = verified
  }

  /// For people.
  package func lines(style: Style) -> [String] {
    let tick = style(.good, "✓")
    let checkpoint = verified.checkpoint
    return [
      "\(tick) checkpoint   \(checkpoint.origin.visible), \(checkpoint.size.grouped) entries, signed by the log's key",
      "\(tick) log          position \(index), ordered at \(RecordedTime(entry.ledgerTime.microseconds).text)",
      "",
      "The entry names key \(header.authorKeyID), batch \(header.sequence), \(header.recordCount.counted("record")).",
      "A tlog-proof does not hold the record or the keys: the author's signature is not checked by it.",
    ]
  }

  /// For programs.
  package var json: JSONValue {
    .object([
      .init("verified", .boolean(true)), .init("kind", .text("log entry")), .init("position", .number(index)),
      .init("ledgerTime", .text("\(entry.ledgerTime)")), .init("authorKeyId", .text("\(header.authorKeyID)")),
      .init("origin", .text(verified.checkpoint.origin)), .init("size", .number(verified.checkpoint.size)),
      .init("root", .text("\(verified.checkpoint.root)")),
    ])
  }
}
