import ArgumentParser
import Consortium
import Ledger
import Merkle
import Primitives
import Store

/// Verifies a data directory.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify every signature, hash, tree and table of a stopped node, and name what is broken.")

  @Argument(help: "The data directory.")
  var directory: String

  func run() async throws {
    let (store, findings) = try Failure.needingRoom(to: "check") { () throws(Failure) in
      let store = try Store(DataDirectory(directory))
      return (store, try store.check(progress: Console.progress("entries checked")))
    }
    Console.endProgress()
    guard findings.isEmpty else {
      for finding in findings { Console.error("broken: \(finding)") }
      throw Failure(.corrupt, "CHECK_FAILED", "\(findings.count) findings in \(directory)")
    }
    let (state, redactions) = try store.readNow { (try $0.state(), try $0.redactions()) }
    for redaction in redactions {
      Console.print(
        "redacted: record \(redaction.place.index) of log entry \(redaction.place.position), id \(redaction.recordID), "
          + "by the vote at log entry \(redaction.decidedAt)")
    }
    Console.print("ok: \(state.edge.size) entries, \(state.recordCount) records, root \(state.edge.root)")
  }
}

/// Makes everything derived anew.
struct Rebuild: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make every derived table and the item index of a stopped node anew from its log.")

  @Argument(help: "The data directory.")
  var directory: String

  func run() async throws {
    let state = try Failure.needingRoom(to: "rebuild") { () throws(Failure) in
      try Store(DataDirectory(directory)).rebuild(progress: Console.progress("entries applied"))
    }
    Console.endProgress()
    Console.print("rebuilt: \(state.edge.size) entries, \(state.recordCount) records, root \(state.edge.root)")
  }
}

extension Failure {
  /// Runs `body`; a full disk says nothing about the node but that there is no room for what is made anew.
  fileprivate static func needingRoom<Value>(
    to purpose: String, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    do throws(Failure) { return try body() } catch {
      guard error.reason == "DISK_FULL" else { throw error }
      throw Failure(
        .unavailable, "DISK_FULL",
        "no room to \(purpose): the tables and the indexes are made anew beside the old ones; make room, then \(purpose) again"
      )
    }
  }
}
