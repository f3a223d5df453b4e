import Foundation
import GRDB
package import Ledger
import Merkle
package import Primitives

extension Store {
  /// Checks everything there is: the database's pages, every signature, hash and rule of the log, its tree against the
  /// signed checkpoint, every derived table, the index and the subscriptions. Gives what is broken, in words; nothing broken
  /// gives nothing. Throws DISK_FULL where nothing was found till there was no room for what it makes to compare with.
  package func check(progress: (UInt64) -> Void) throws(Failure) -> [String] {
    var findings: [String] = []
    do throws(Failure) { try check(into: &findings, progress: progress) } catch {
      guard !findings.isEmpty else { throw error }
      findings.append("the rest, which could not be checked: \(error)")
    }
    return findings
  }

  private func check(into findings: inout [String], progress: (UInt64) -> Void) throws(Failure) {
    func attempt(_ body: () throws(Failure) -> [String]) throws(Failure) {
      do throws(Failure) { findings += try body() } catch { findings.append(try error.asFinding) }
    }
    try attempt { () throws(Failure) in try brokenPages() }
    try attempt { () throws(Failure) in try brokenSubscriptions() }
    do throws(Failure) {
      if let base = try readNow({ try $0.catchUpBase() }) {
        try attempt { () throws(Failure) in
          try readNow { ConsortiumCheck.findings($0, try $0.state(), isProven: false) }
        }
        return findings.append(base.isUnfinished.message)
      }
    } catch { return findings.append("table catch_up: \(try error.asFinding)") }
    try attempt { () throws(Failure) in try brokenTree() }
    try attempt { () throws(Failure) in
      try withScratch { scratch throws(Failure) in
        let state = try Replay(store: self).run(into: scratch, progress: progress)
        return try differences(from: scratch) + brokenRedactions(scratch).map(\.finding) + brokenNote(state)
          + brokenEquivocations(state) + readNow { ConsortiumCheck.findings($0, state) }
          + brokenIndex(state) + brokenEventHashes(state)
      }
    }
  }

  /// Makes every derived table and the index anew from the log, in one transaction for the tables. Gives the state that the
  /// log leads to; throws, and changes nothing, when the log itself is broken.
  package func rebuild(progress: (UInt64) -> Void) throws(Failure) -> LedgerState {
    try readNow { try $0.requireNoCatchUp() }
    return try withScratch { scratch throws(Failure) in
      let state = try Replay(store: self).run(into: scratch, progress: progress)
      guard let checkpoint = try readNow({ try $0.checkpoint() }), checkpoint.root == state.edge.root else {
        throw Failure(.corrupt, "ROOT_MISMATCH", "the log's root is \(state.edge.root), not the one this node signed")
      }
      let broken = try brokenRedactions(scratch)
      if let lost = broken.first(where: { !$0.isVoted }) { throw Failure(.corrupt, "NOT_VOTED", lost.finding) }
      try replaceDerivedTables(from: scratch)
      try erase(broken.map(\.redaction))
      try Self.removeDatabase(directory.index)
      try openIndex().quiesce()
      try Self.removeDatabase(directory.hashes)
      let hashes = try openEventHashes()
      while try hashes.step(over: self, upTo: state.recordCount) {}
      try hashes.postings.quiesce()
      return state
    }
  }

  private func brokenPages() throws(Failure) -> [String] {
    try Failure.mapping {
      try pool.read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check(20)") }
    }.filter { $0 != "ok" }.map { "ledger.db: \($0)" }
  }

  /// The log tree over the entries as they are, without asking what is in them.
  private func brokenTree() throws(Failure) -> [String] {
    try readNow { reader in
      var tree = CompactRange()
      while case let page = try reader.entries(from: tree.size, limit: 1_024), !page.isEmpty {
        for entry in page {
          guard entry.position == tree.size else { return ["log entry \(tree.size) is missing"] }
          tree.append(MerkleTree.leafHash(entry.bytes))
        }
      }
      guard let checkpoint = try reader.checkpoint() else { return ["the node's signed checkpoint is missing"] }
      if checkpoint.size == tree.size, checkpoint.root == tree.root { return [] }
      return [
        "ROOT_MISMATCH: \(tree.size) log entries have the root \(tree.root); the node signed \(checkpoint.size) entries "
          + "and \(checkpoint.root)"
      ]
    }
  }

  private func differences(from scratch: DatabaseQueue) throws(Failure) -> [String] {
    try attached(scratch) { db in
      try Schema.derivedTables.compactMap { table in
        let sql = """
          SELECT (SELECT count(*) FROM (SELECT * FROM main.\(table) EXCEPT SELECT * FROM fresh.\(table)))
            + (SELECT count(*) FROM (SELECT * FROM fresh.\(table) EXCEPT SELECT * FROM main.\(table)))
          """
        let count = try Int.fetchOne(db, sql: sql) ?? 0
        return count == 0 ? nil : "table \(table): \(count) rows are not what the log gives; cairnd rebuild mends it"
      }
    }
  }

  private func brokenIndex(_ state: LedgerState) throws(Failure) -> [String] {
    guard FileManager.default.fileExists(atPath: directory.index.path) else { return [] }
    return try comparing(directory.index, with: "check-index.db") { url throws(Failure) in
      let index = try PostingIndex(path: directory.index.path, ledger: state.ledgerID)
      // One that was interrupted while it forgot is made anew at the next start.
      guard try hasFollowed(index) else { return [] }
      try feed(index, upTo: state.recordCount)
      let fresh = try PostingIndex(path: url.path, ledger: state.ledgerID)
      try feed(fresh, upTo: state.recordCount)
      let broken = try index.verify()
      let differs = try broken.isEmpty ? index.digest() != fresh.digest() : false
      return differs ? ["its postings are not what the log gives"] : broken
    }
  }

  /// What `body` finds wrong with an index, for which it may make another one under that name.
  func comparing(
    _ index: URL, with name: String, _ body: (URL) throws(Failure) -> [String]
  ) throws(Failure) -> [String] {
    let url = directory.url.appending(path: name)
    try Self.removeDatabase(url)
    let outcome: Result<[String], Failure>
    do throws(Failure) { outcome = .success(try body(url)) } catch { outcome = .failure(error) }
    try Self.removeDatabase(url)
    let found: [String]
    do throws(Failure) { found = try outcome.get() } catch { found = [try error.asFinding] }
    return found.map { "\(index.lastPathComponent): \($0); cairnd rebuild mends it" }
  }

  private func replaceDerivedTables(from scratch: DatabaseQueue) throws(Failure) {
    try attached(scratch) { db in
      try db.inTransaction {
        for table in Schema.derivedTables {
          try db.execute(sql: "DELETE FROM main.\(table)")
          try db.execute(sql: "INSERT INTO main.\(table) SELECT * FROM fresh.\(table)")
        }
        return .commit
      }
    }
  }

  private func attached<Value>(_ scratch: DatabaseQueue, _ body: (Database) throws -> Value) throws(Failure) -> Value {
    try Failure.mapping {
      try pool.writeWithoutTransaction { db in
        try db.execute(sql: "ATTACH DATABASE ? AS fresh", arguments: [scratch.path])
        defer { try? db.execute(sql: "DETACH DATABASE fresh") }
        return try body(db)
      }
    }
  }

  private func withScratch<Value>(_ body: (DatabaseQueue) throws(Failure) -> Value) throws(Failure) -> Value {
    let url = directory.url.appending(path: "scratch.db")
    try Self.removeDatabase(url)
    let scratch = try Failure.mapping {
      var configuration = Configuration()
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
      let scratch = try DatabaseQueue(path: url.path, configuration: configuration)
      try Schema.migrator.migrate(scratch)
      return scratch
    }
    do throws(Failure) {
      let value = try body(scratch)
      try Self.removeDatabase(url)
      return value
    } catch {
      try Self.removeDatabase(url)
      throw error
    }
  }
}

extension Failure {
  /// What a check could not do, as something that is broken; throws where it only had no room.
  fileprivate var asFinding: String {
    get throws(Failure) {
      guard reason != "DISK_FULL" else { throw self }
      return description
    }
  }
}
