import Consortium
import Foundation
import GRDB
import Primitives

/// Where what was erased and what the votes say differ.
struct BrokenRedaction {
  let redaction: StoredRedaction
  /// Whether the votes say so; if not, the database does.
  let isVoted: Bool

  /// What is wrong, in words.
  var finding: String {
    let name = "record \(redaction.place.index) of log entry \(redaction.place.position) (\(redaction.recordID))"
    return isVoted
      ? "redaction: \(name) is there, but the vote at log position \(redaction.decidedAt) erased it; cairnd rebuild does"
      : "redaction: \(name) is said to be erased by log entry \(redaction.decidedAt), which does not do so"
  }
}

extension Store {
  /// Compares what was erased with what the log, folded into `scratch`, decided.
  func brokenRedactions(_ scratch: DatabaseQueue) throws(Failure) -> [BrokenRedaction] {
    let voted = try Failure.mapping { try scratch.read { try LedgerReader(db: $0).redactions() } }
    let noted = try readNow { try $0.redactions() }
    return Set(noted).symmetricDifference(voted).sorted { $0.place < $1.place }
      .map { BrokenRedaction(redaction: $0, isVoted: voted.contains($0)) }
  }

  /// Erases what the votes erased and the database still has.
  func erase(_ redactions: [StoredRedaction]) throws(Failure) {
    if redactions.isEmpty { return }
    try Failure.mapping {
      try pool.write { db in
        let writer = LedgerWriter(db: db)
        for redaction in redactions {
          _ = try writer.erase(redaction)
          try writer.note(redaction)
        }
      }
      _ = try pool.writeWithoutTransaction { try Self.cutJournal($0) }
    }
  }
}
