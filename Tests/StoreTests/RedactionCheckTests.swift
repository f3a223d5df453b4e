import Consortium
import Foundation
import GRDB
import Ledger
import Merkle
import Primitives
import Testing

@testable import Store

@Suite struct RedactionCheckTests {
  @Test func checkAndRebuildAcceptWhatWasErased() async throws {
    let it = try await RedactedLedger()
    try await it.redact()
    try it.index.quiesce()
    let store = it.ledger.store
    #expect(try store.check { _ in } == [])
    let (redactions, digest) = (try store.readNow { try $0.redactions() }, try it.index.digest())
    #expect(try store.rebuild { _ in }.edge.root == it.ledger.state.edge.root)
    #expect(try store.check { _ in } == [])
    #expect(try store.readNow { try $0.redactions() } == redactions)
    #expect(try store.openIndex().digest() == digest)
    #expect(try it.ledger.directory.files() == [])
  }

  /// What was done to the database after the vote, and a word of the finding that names it.
  static let damages = [
    ("DELETE FROM redaction", "RECORD_MISSING"),
    ("UPDATE redaction SET record_id = zeroblob(32)", "RECORDS_ROOT_MISMATCH"),
    ("UPDATE redaction SET record_id = zeroblob(31)", "id of an erased record"),
    ("UPDATE redaction SET record_index = 8", "RECORD_MISSING"),
    ("UPDATE redaction SET decided_at = 3", "which does not do so"),
    ("INSERT INTO redaction SELECT position, 0, record_id, decided_at FROM redaction", "NOT_ERASED"),
    ("INSERT INTO redaction SELECT 900, 0, record_id, decided_at FROM redaction", "which does not do so"),
  ]

  @Test(arguments: damages) func checkNamesADamagedRedaction(sql: String, word: String) async throws {
    let it = try await RedactedLedger()
    try await it.redact()
    let directory = it.ledger.closed()
    try damage(directory.ledger, sql)
    let store = try Store.again(directory)
    let findings = try store.check { _ in }
    #expect(findings.contains { $0.contains(word) }, "\(findings)")
    #expect(throws: Failure.self) { try store.rebuild { _ in } }
  }

  @Test func whatNoVoteErasedIsLost() async throws {
    let it = try await RedactedLedger()
    let directory = it.ledger.closed()
    let (id, place) = (MerkleTree.leafHash(it.record), it.place)
    try await DatabaseQueue(path: directory.ledger.path).write { db in
      let chunk = try #require(
        try Row.fetchOne(
          db, sql: "SELECT first_ordinal, bytes FROM chunk WHERE position = ?", arguments: [place.position]))
      try db.execute(
        sql: "UPDATE chunk SET bytes = ? WHERE first_ordinal = ?",
        arguments: [try Chunk.erasing(7, in: chunk.data(1)), try chunk.integer(0)])
      try db.execute(
        sql: "INSERT INTO redaction VALUES (?, 7, ?, 3)", arguments: [Int64(place.position), Data(id.bytes)])
    }
    let store = try Store.again(directory)
    let findings = try store.check { _ in }
    #expect(findings.contains { $0.contains("which does not do so") }, "\(findings)")
    #expect(throws: Failure.self) { try store.rebuild { _ in } }.map { #expect($0.reason == "NOT_VOTED") }
  }

  @Test func rebuildErasesAgainWhatCameBack() async throws {
    let it = try await RedactedLedger()
    try it.ledger.store.settle()
    let before = try Data(contentsOf: it.ledger.directory.ledger)
    try await it.redact()
    let directory = it.ledger.closed()
    let backup = directory.url.appending(path: "backup.db")
    try before.write(to: backup)
    let position = it.place.position
    try await DatabaseQueue(path: directory.ledger.path).writeWithoutTransaction { db in
      try db.execute(sql: "ATTACH ? AS backup", arguments: [backup.path])
      try db.execute(
        sql: """
          UPDATE chunk SET bytes = old.bytes FROM backup.chunk AS old WHERE old.first_ordinal = chunk.first_ordinal
            AND chunk.position = \(position);
          DELETE FROM redaction;
          """)
      try db.execute(sql: "DETACH backup")
    }
    try FileManager.default.removeItem(at: backup)
    let store = try Store.again(directory)
    let findings = try store.check { _ in }
    #expect(findings.contains { $0.contains("but the vote at log position") }, "\(findings)")
    _ = try store.rebuild { _ in }
    #expect(try directory.files() == [])
    #expect(try store.check { _ in } == [])
  }

  /// A crash between the vote and the index: the file says that it lags behind, and is made anew.
  @Test func anIndexThatDidNotFollowIsMadeAnew() async throws {
    let it = try await RedactedLedger()
    try it.index.quiesce()
    try await it.ledger.append([try it.vote([it.recorded(it.place.position, 7)])])
    let store = it.ledger.store
    #expect(try store.check { _ in } == [])
    let index = try store.openIndex()
    #expect(try index.ordinals(matching: [Term.item(RedactedLedger.item).rawValue], limit: 9) == [])
    #expect(try store.check { _ in } == [])
  }
}
