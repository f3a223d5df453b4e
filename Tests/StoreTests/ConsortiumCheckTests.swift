import Checkpoints
import Consensus
import Consortium
import Foundation
import GRDB
import Ledger
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

@testable import Store

/// `check` on the tables that only a node of a consortium fills.
@Suite struct ConsortiumCheckTests {
  /// A migration that adds a table adds what is to hold of it.
  @Test func everyTableIsLookedAt() async throws {
    let ledger = try await StoredLedger(batches: 1)
    let all = try await DatabaseQueue(path: ledger.closed().ledger.path).read { db in
      try String.fetchSet(
        db,
        sql: """
          SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
          """)
    }
    let own: Set = ["entry", "chunk", "redaction", "checkpoint", "equivocation"]
    #expect(all == own.union(Schema.derivedTables).union(ConsortiumCheck.tables.map(\.name)))
  }

  /// What was done to the database, and a word of the finding.
  static let damages = [
    ("UPDATE engine SET epoch = 2", "engine", "the state of the order"),
    ("UPDATE engine SET stream = 'CAIRN_0_1'", "engine", "the stream CAIRN_0_1"),
    ("UPDATE engine SET created = 0", "engine", "made at 0"),
    ("UPDATE engine SET sequence = 20", "engine", "took 24"),
    ("UPDATE engine SET sequence = 20", "skip", "never read"),
    ("UPDATE engine SET stored = 0", "engine", "stored at 0"),
    ("UPDATE engine SET state = x'00'", "engine", "MALFORMED_STATE"),
    ("UPDATE engine SET state = CAST(replace(state, 'harbour', 'airport') AS BLOB)", "engine", "has no node"),
    ("UPDATE order_place SET size = size - 1", "order_place", "another log"),
    ("UPDATE order_place SET root = zeroblob(32)", "order_place", "another log"),
    ("UPDATE order_place SET root = x'00'", "order_place", "a checkpoint's place"),
    ("UPDATE order_place SET created = 2", "order_place", "another stream"),
    ("UPDATE order_place SET sequence = 26", "order_place", "message 26 of 25"),
    ("UPDATE order_place SET stored = NULL", "order_place", "stored at 0"),
    ("UPDATE order_place SET state = x'00'", "order_place", "MALFORMED_STATE"),
    ("UPDATE order_place SET state = CAST(replace(state, 'harbour', 'airport') AS BLOB)", "order_place", "has no node"),
    ("DELETE FROM engine", "order_place", "followed none"),
    ("UPDATE skip SET epoch = 2", "skip", "never read"),
    ("UPDATE skip SET sequence = 26 WHERE sequence = 24", "skip", "never read"),
    ("UPDATE skip SET header_digest = x'00'", "skip", "a skipped batch"),
    ("UPDATE skip SET reason = 'SEQUENCE_gAP'", "skip", "no reason that there is"),
    ("UPDATE skip SET message = replace(hex(zeroblob(300)), '0', 'x')", "skip", "more words"),
    ("UPDATE certificate SET size = size - 1", "certificate", "root"),
    ("UPDATE certificate SET size = 9000", "certificate", "the log has 22"),
    ("UPDATE certificate SET root = zeroblob(32)", "certificate", "has the root 0000"),
    ("UPDATE certificate SET root = x'00'", "certificate", "a certificate's root"),
    ("UPDATE certificate SET note = replace(note, 'harbour', 'Harbour')", "certificate", "its note"),
    (
      "UPDATE certificate SET note = substr(note, 1, length(note) - 9) || substr(note, 9, 8) || char(10)",
      "certificate", "its note"
    ),
    ("UPDATE certificate SET note = (SELECT own FROM divergence)", "certificate", "its note"),
    ("UPDATE divergence SET size = 19", "divergence", "own note is not signed"),
    ("UPDATE divergence SET key_id = zeroblob(32)", "divergence", "contradiction 1"),
    ("UPDATE divergence SET key_id = NULL", "divergence", "the promise"),
    ("UPDATE divergence SET own = replace(own, 'harbour', 'Harbour')", "divergence", "own note is not signed"),
    ("UPDATE divergence SET own = other WHERE id = 1", "divergence", "own note is of another log"),
    ("UPDATE divergence SET other = own WHERE id = 1", "divergence", "contradiction 1: the other one's"),
    (
      "UPDATE divergence SET other = replace(other, 'mark 1 ', 'mark 2 ')", "divergence",
      "contradiction 2: the other one's"
    ),
    (
      "UPDATE divergence SET other = substr(other, 1, length(other) - 12) || 'AAAAAAA==' || char(10) WHERE id = 2",
      "divergence", "contradiction 2"
    ),
    ("UPDATE cosigner SET key_id = zeroblob(32)", "cosigner", "does not know"),
    ("UPDATE cosigner SET key_id = x'00'", "cosigner", "another length"),
    ("UPDATE cosigner SET key_id = (SELECT key_id FROM author LIMIT 1)", "cosigner", "no node's"),
  ]

  @Test func whatIsWholePassesAndEachDamageIsNamed() async throws {
    let whole = try await Seat.whole()
    #expect(try Store.again(whole).check { _ in } == [])
    for (sql, table, word) in Self.damages { try Self.expect(word, in: table, after: sql, of: whole) }
  }

  static let damagesAfterARecovery = [
    ("UPDATE republish SET header_digest = zeroblob(32) WHERE id = 3", "republish", "batch 3"),
    ("UPDATE republish SET bytes = x'ff' WHERE id = 3", "republish", "batch 3"),
    (
      "UPDATE republish SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'7f' AS BLOB) WHERE id = 2",
      "republish",
      "RECORDS_ROOT_MISMATCH"
    ),
    ("UPDATE statement SET epoch = 2", "statement", "another epoch"),
    ("UPDATE statement SET bytes = x'ff'", "statement", "epoch 1"),
    (
      "UPDATE statement SET bytes = CAST(substr(bytes, 1, length(bytes) - 5) || x'0102030405' AS BLOB)", "statement",
      "INVALID_SIGNATURE"
    ),
    ("UPDATE epoch_opening SET epoch = 3", "epoch_opening", "another epoch"),
    ("UPDATE epoch_opening SET bytes = x'00'", "epoch_opening", "what opened epoch 2"),
    (
      "UPDATE epoch_opening SET bytes = CAST(substr(bytes, 1, length(bytes) - 5) || x'0102030405' AS BLOB)",
      "epoch_opening", "a statement of"
    ),
  ]

  @Test func whatARecoveryLeavesIsLookedAtToo() async throws {
    let recovered = try await Seat.recovered()
    #expect(try Store.again(recovered).check { _ in } == [])
    for (sql, table, word) in Self.damagesAfterARecovery { try Self.expect(word, in: table, after: sql, of: recovered) }
  }

  /// A log that grew beyond its proof is said to have, and one that does not even have that is named.
  @Test func whatAnUnfinishedCatchUpTrustsIsLookedAt() async throws {
    let ledger = try await StoredLedger(batches: 20)
    try await ledger.store.beginCatchUp()
    let directory = ledger.closed()
    let word = "not proven yet"
    let findings = try Store.again(directory).check { _ in }
    #expect(findings.count == 1 && findings[0].contains(word), "\(findings)")
    for sql in ["root = zeroblob(32)", "root = x'00'", "size = 21", "note = replace(note, 'harbour', 'Harbour')"] {
      try Self.expect("", in: "catch_up", after: "UPDATE catch_up SET \(sql)", of: directory)
    }
  }

  private static func expect(_ word: String, in table: String, after sql: String, of whole: DataDirectory) throws {
    let copy = DataDirectory(try TemporaryDirectory.make().appending(path: "copy").path)
    try FileManager.default.copyItem(at: whole.url, to: copy.url)
    try damage(copy.ledger, sql)
    let findings = try Store(copy).check { _ in }
    #expect(
      findings.contains { $0.hasPrefix("table \(table): ") && (word.isEmpty || $0.contains(word)) },
      "\(sql): \(findings)")
    try FileManager.default.removeItem(at: copy.url)
  }
}

/// The directory of a node that has a part in a consortium of one.
private enum Seat {
  /// With something in the tables that are filled while it follows the engine.
  static func whole() async throws -> DataDirectory {
    let ledger = try await StoredLedger(batches: 20)
    let (state, store, key) = (ledger.state, ledger.store, ledger.logKey)
    var consensus = ConsensusState()
    _ = try consensus.apply(mark(of: ledger, root: state.edge.root), ledger: state)
    let place = EnginePlace(
      epoch: 1, stream: EnginePlace.stream(of: state.ledgerID, epoch: 1), created: 1, sequence: 25, stored: 2,
      state: try consensus.serialized)
    let skips = [9, 24].map { sequence in
      StoredSkip(
        epoch: 1, sequence: sequence, headerDigest: state.ledgerID, reason: "SEQUENCE_GAP", message: "a gap")
    }
    let placed = PlacedCheckpoint(size: state.edge.size, root: state.edge.root, place: place)
    try await store.save(EngineProgress(to: place, skipping: skips, checkpoints: [placed]))
    try await store.save(certificate: try cosigned(ledger, root: state.edge.root))
    try store.noteCosigner(key.publicKey.id)

    let own = try ledger.checkpoint()
    let theirs = LogPoint(size: own.size, root: state.ledgerID)
    let note = try cosigned(ledger, root: theirs.root).note
    let mark = try mark(of: ledger, root: theirs.root).verified(by: state.directory)
    var certifier = Certifier(
      origin: ledger.origin, ownKey: KeyID(state.ledgerID), lastSigned: LastSigned(isClosed: true), final: nil)
    certifier.appended(size: own.size, time: state.lastLedgerTime, directory: state.directory)
    let seen =
      certifier.receive(note) { _ in own.root }
      + certifier.counted(mark, checkpoint: nil) { _ in own.root }
    #expect(seen.count == 1, "one key's contradiction at one size is told once")
    var other = Certifier(
      origin: ledger.origin, ownKey: KeyID(state.ledgerID), lastSigned: LastSigned(isClosed: true), final: nil)
    other.appended(size: own.size, time: state.lastLedgerTime, directory: state.directory)
    for case .stop(let divergence) in seen + other.counted(mark, checkpoint: nil, root: { _ in own.root }) {
      try await store.saveDivergence(
        at: own.size, by: divergence.key, own: own.note, other: divergence.evidenceText)
    }
    let count = try store.readNow { try $0.divergences(limit: 9).count }
    #expect(count == 2)
    return ledger.closed()
  }

  /// After its epoch ended ten entries before the log did.
  static func recovered() async throws -> DataDirectory {
    let ledger = try await StoredLedger(batches: 20)
    let store = ledger.store
    let view = try store.readNow { try $0.view() }
    let base = LogPoint(size: 12, root: try store.readNow { try $0.root(size: 12, in: view) })
    let statement = Statement(
      ledgerID: view.ledgerID, closedEpoch: 1, signed: base, finalSize: 12, log: base)
    let signed = try statement.signed(by: ledger.logKey)
    try store.save(statement: try signed.wire.serializedBytes(), of: 1)
    let opening = EpochOpening(ledgerID: view.ledgerID, epoch: 2, base: base, statements: [signed], links: [])
    _ = try store.truncate(
      to: base.size, final: base.size, opening: KeptOpening(epoch: 2, bytes: try OrderedItem.message(opening)),
      sign: ledger.sign)
    return ledger.closed()
  }

  private static func mark(of ledger: StoredLedger, root: Digest) throws -> SignedMark {
    try Mark(
      ledgerID: ledger.state.ledgerID, epoch: 1, number: 1, clock: StoredLedger.start,
      log: LogPoint(size: ledger.state.edge.size, root: root)
    ).signed(by: ledger.logKey)
  }

  private static func cosigned(_ ledger: StoredLedger, root: Digest) throws -> SignedCheckpoint {
    let size = ledger.state.edge.size
    let note = try SignedNote(try ledger.sign(size, root).note)
    let cosigner = try Cosigner(name: "\(ledger.origin)/harbour", key: ledger.logKey)
    let line = try Cosignature.make(over: note.text, at: StoredLedger.start, by: cosigner)
    return SignedCheckpoint(size: size, root: root, note: note.adding(line).description)
  }
}

extension StoredLedger {
  fileprivate var origin: String { Genesis.origin(name: "harbour", ledgerID: state.ledgerID) }
}
