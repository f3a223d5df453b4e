import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Signing
import Store
import Testing
import Wire

@Suite struct StoreTests {
  @Test func keepsWhatItIsGiven() async throws {
    let ledger = try await StoredLedger(batches: 300)
    let (state, checkpoint) = try await ledger.store.read { (try $0.state(), try $0.checkpoint()) }
    #expect(state.edge == ledger.state.edge)
    #expect(state.recordCount == ledger.state.recordCount)
    #expect(state.chains == ledger.state.chains)
    #expect(state.directory == ledger.state.directory)
    #expect(checkpoint?.root == state.edge.root)
    let entry = try #require(try ledger.store.readNow { try $0.entry(at: 200) })
    #expect(try ledger.store.readNow { try $0.records(of: entry) } == ledger.applied[200].batch.records)
  }

  @Test func anAcknowledgementMeansOnDisk() async throws {
    let ledger = try await StoredLedger(batches: 1)
    #expect(try ledger.store.synchronousLevel() == 2)
  }

  @Test func findsRecordsByNumberAcrossChunks() async throws {
    let ledger = try await StoredLedger(batches: 2, recordsPerBatch: 900)
    let numbers: [UInt64] = [2, 3, 60, 901, 902, 903, 1_700]
    let records = try ledger.store.readNow { try $0.records(ordinals: numbers) }
    let all = ledger.applied.flatMap(\.batch.records)
    #expect(records.map(\.bytes) == numbers.map { all[Int($0)] })
    #expect(records.map(\.position) == [2, 2, 2, 2, 3, 3, 3])
    #expect(records.map(\.index) == [0, 1, 58, 899, 0, 1, 798])
  }

  @Test func severalConnectionsFindTheSameRecordsInTheOrderAskedFor() async throws {
    let ledger = try await StoredLedger(batches: 2, recordsPerBatch: 900)
    let view = LedgerView(ledger.state, checkpoint: try ledger.checkpoint())
    let all = ledger.applied.flatMap(\.batch.records)
    let numbers = (0..<500).map { UInt64(($0 * 613) % all.count) } + [5, 5]
    for numbers in [numbers, numbers.sorted(), [], [7], [9, 8]] {
      let records = try await ledger.store.records(ordinals: numbers, in: view)
      #expect(records.map(\.ordinal) == numbers)
      #expect(records.map(\.bytes) == numbers.map { all[Int($0)] })
    }
    let failure = await #expect(throws: Failure.self) {
      try await ledger.store.records(ordinals: [0, view.recordCount], in: view)
    }
    #expect(failure?.reason == "BEYOND_VIEW")
  }

  @Test func oneProcessHasADirectoryAtATime() async throws {
    let ledger = try await StoredLedger(batches: 1)
    #expect(throws: Failure.self) { try Store(ledger.directory) }
      .map { #expect($0.reason == "DATA_DIRECTORY_LOCKED") }
  }

  @Test func aLedgerIsMadeOnce() async throws {
    let directory = try await StoredLedger(batches: 1).closed()
    #expect(throws: Failure.self) { try Store(directory, create: true) }.map { #expect($0.reason == "LEDGER_EXISTS") }
    let empty = DataDirectory(try TemporaryDirectory.make().path)
    #expect(throws: Failure.self) { try Store(empty) }
  }

  @Test func aGroupThatFailsLeavesNothing() async throws {
    let ledger = try await StoredLedger(batches: 5)
    let repeated = ledger.applied[4]
    await #expect(throws: Failure.self) {
      try await ledger.store.append(
        [repeated], checkpoint: SignedCheckpoint(size: 99, root: ledger.state.edge.root, note: "never"))
    }
    #expect(try ledger.store.readNow { try $0.checkpoint()?.size } == ledger.state.edge.size)
    #expect(try ledger.store.check { _ in } == [])
  }

  @Test func keepsTheFirstEquivocationOfASequence() async throws {
    let ledger = try await StoredLedger(batches: 1)
    let author = ledger.applied[2].batch.header.authorKeyID
    for byte: UInt8 in 1...3 {
      try await ledger.store.record(
        StoredEquivocation(
          author: author, sequence: 1, position: 2, suite: .ed25519, signature: Data([byte]), header: Data([byte])))
    }
    let kept = try ledger.store.readNow { try $0.equivocations(after: 0, of: author, limit: 10) }
    #expect(kept.map(\.header) == [Data([1])])
    #expect(try ledger.store.readNow { try $0.equivocations(after: 0, of: KeyID(author.digest), limit: 10) }.count == 1)
  }
}

@Suite struct MaintenanceTests {
  @Test func aSoundLedgerHasNoFindings() async throws {
    let ledger = try await StoredLedger(batches: 300)
    try ledger.store.openIndex().quiesce()
    #expect(try ledger.store.check { _ in } == [])
  }

  /// What is broken, the statement that breaks it, and a word of the finding that names it.
  static let damages = [
    ("UPDATE entry SET bytes = zeroblob(length(bytes)) WHERE position = 7", "ROOT_MISMATCH"),
    ("DELETE FROM entry WHERE position = 7", "log entry 7"),
    ("DELETE FROM entry WHERE position = 301", "ROOT_MISMATCH"),
    (
      "UPDATE chunk SET bytes = CAST(substr(bytes, 1, 60) || x'00' || substr(bytes, 62) AS BLOB) WHERE position = 9",
      "log entry 9"
    ),
    ("UPDATE chunk SET bytes = 'text' WHERE position = 9", "log entry 0 or soon after"),
    ("DELETE FROM chunk WHERE position = 9", "log position 9"),
    ("UPDATE chunk SET position = 10 WHERE position = 9", "log position 9"),
    ("UPDATE entry SET record_count = -1 WHERE position = 9", "record_count"),
    ("UPDATE entry SET first_ordinal = -1 WHERE position = 9", "first_ordinal"),
    ("UPDATE entry SET bytes = 5 WHERE position = 9", "bytes"),
    ("UPDATE checkpoint SET size = -1", "size"),
    ("UPDATE checkpoint SET note = replace(note, 'harbour/', 'harbor/')", "signed checkpoint"),
    ("UPDATE checkpoint SET root = zeroblob(32)", "ROOT_MISMATCH"),
    ("UPDATE tile SET hashes = zeroblob(8192)", "table tile"),
    ("UPDATE author SET next_sequence = 5 WHERE next_sequence > 100", "table author"),
    ("DELETE FROM governance WHERE position = 1", "table governance"),
    ("DELETE FROM chunk_time WHERE first_ordinal = 20", "table chunk_time"),
    ("INSERT INTO governance VALUES (9)", "table governance"),
  ]

  @Test(arguments: damages) func checkNamesWhatIsBroken(sql: String, word: String) async throws {
    let ledger = try await StoredLedger(batches: 300)
    let directory = ledger.closed()
    try damage(directory.ledger, sql)
    let findings = try Store.again(directory).check { _ in }
    #expect(findings.contains { $0.contains(word) }, "\(findings)")
  }

  @Test(arguments: damages.suffix(5).map(\.0)) func rebuildMendsWhatIsDerived(sql: String) async throws {
    let ledger = try await StoredLedger(batches: 300)
    let root = ledger.state.edge.root
    let directory = ledger.closed()
    try damage(directory.ledger, sql)
    let store = try Store.again(directory)
    #expect(try store.rebuild { _ in }.edge.root == root)
    #expect(try store.check { _ in } == [])
  }

  @Test(arguments: damages.prefix(10).map(\.0)) func rebuildRefusesABrokenLog(sql: String) async throws {
    let directory = try await StoredLedger(batches: 300).closed()
    try damage(directory.ledger, sql)
    let store = try Store.again(directory)
    #expect(throws: Failure.self) { try store.rebuild { _ in } }
  }

  @Test func theIndexIsMadeAgainAfterAReaderFoundItBroken() async throws {
    let ledger = try await StoredLedger(batches: 50)
    let directory = ledger.directory
    let index = try ledger.store.openIndex()
    let digest = try index.digest()
    index.markBroken()
    _ = ledger.closed()
    let broken = directory.index.path + PostingIndex.brokenSuffix
    #expect(FileManager.default.fileExists(atPath: broken))
    let store = try Store.again(directory)
    #expect(try store.openIndex().digest() == digest)
    #expect(!FileManager.default.fileExists(atPath: broken))
  }

  @Test func theIndexIsMadeAgainWhenItIsGoneOrForeign() async throws {
    let ledger = try await StoredLedger(batches: 50)
    let directory = ledger.directory
    let digest = try ledger.store.openIndex().digest()
    _ = ledger.closed()
    try FileManager.default.removeItem(at: directory.index)
    let store = try Store.again(directory)
    #expect(try store.openIndex().digest() == digest)
    try Data("not a database, certainly not one of ours".utf8).write(to: directory.index)
    #expect(try store.openIndex().digest() == digest)
  }
}
