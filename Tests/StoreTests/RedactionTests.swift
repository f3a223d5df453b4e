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

/// A ledger one of whose records is to be erased, and what must then not be found anywhere.
final class RedactedLedger {
  let ledger: StoredLedger
  /// Where the secret stands.
  let place: RecordPlace
  let record: Data
  let index: PostingIndex

  static let salt = Data("sixteen bytes ..".utf8)
  static let item = "https://id.gs1.org/01/09521321000018/21/UNSPEAKABLE"
  /// Parts of the record that are whole in every copy of it.
  static let needles = [
    salt, Data("UNSPEAKABLE".utf8), Data("urn:secret:place".utf8),
    withUnsafeBytes(of: time.bigEndian) { Data($0) },
  ]
  static let time: Int64 = 1_700_000_000_000_000

  /// `filler` bytes make the record larger than a page of the database, which is kept in several.
  init(filler: Int = 0, batches: Int = 4) async throws {
    ledger = try await StoredLedger(batches: batches, recordsPerBatch: 20)
    index = try ledger.store.openIndex()
    place = RecordPlace(position: UInt64(ledger.applied.count), index: 7)
    record = try Self.secret(filler: filler)
    var records = try (1_000..<1_012).map { try StoredLedger.sighting($0) }
    records.insert(record, at: 7)
    try await ledger.append([try ledger.scan(records)])
    try await ledger.append([try ledger.scan([try StoredLedger.sighting(2_000)])])
    try ledger.store.feed(index, upTo: ledger.state.recordCount)
  }

  static func secret(filler: Int = 0) throws -> Data {
    let event = Cairn_V1_Event.with {
      $0.type = .object
      $0.action = .observe
      $0.eventTime.microseconds = time
      $0.epcList.items = [item] + (0..<filler / 50).map { "https://id.gs1.org/01/09521321000018/21/F\($0)" }
      $0.bizStep = "shipping"
      $0.readPoint.id = "urn:secret:place"
    }
    return try BatchBuilder.serialize(Cairn_V1_Record(event: event, salt: salt))
  }

  /// The vote that erases records: the one member decides alone.
  func vote(_ records: [(place: RecordPlace, id: Digest)]) throws -> Cairn_V1_Batch {
    try ledger.change(
      records.map { record in
        .propose(
          .with {
            $0.redact.position = record.place.position
            $0.redact.recordIndex = record.place.index
            $0.redact.recordID = Data(record.id.bytes)
            $0.expiresAtMicroseconds = StoredLedger.start.microseconds + 1_000_000_000
          })
      })
  }

  /// A record that is in the log.
  func recorded(_ position: UInt64, _ index: UInt32) -> (place: RecordPlace, id: Digest) {
    (
      RecordPlace(position: position, index: index),
      ledger.applied[Int(position)].batch.recordIDs[Int(index)]
    )
  }

  func redact() async throws {
    try ledger.store.erase(try await ledger.append([try vote([recorded(place.position, place.index)])]), from: index)
    try ledger.store.feed(index, upTo: ledger.state.recordCount)
  }
}

extension DataDirectory {
  /// The names of the files in which any of the `needles` is.
  func files(holding needles: [Data] = RedactedLedger.needles) throws -> Set<String> {
    let names = try FileManager.default.contentsOfDirectory(atPath: url.path)
    return try Set(
      names.filter { name in
        let bytes = try Data(contentsOf: url.appending(path: name))
        return needles.contains { bytes.range(of: $0) != nil }
      })
  }

  /// What a machine that died now would find, of its journal the beginning only.
  func crashed(journalFraction: Double = 1) throws -> DataDirectory {
    let copy = DataDirectory(try TemporaryDirectory.make().path)
    try Data(contentsOf: ledger).write(to: copy.ledger)
    let journal = try Data(contentsOf: URL(filePath: ledger.path + "-wal"))
    try journal.prefix(Int(Double(journal.count) * journalFraction))
      .write(to: URL(filePath: copy.ledger.path + "-wal"))
    return copy
  }
}

@Suite struct RedactionTests {
  @Test(arguments: [0, 20_000, 60_000]) func noByteIsLeftInAnyFile(filler: Int) async throws {
    let it = try await RedactedLedger(filler: filler)
    let directory = it.ledger.directory
    #expect(try directory.files() != [])
    try await it.redact()
    #expect(try directory.files() == [])
    #expect(!it.ledger.store.isErasureDue)
    try it.ledger.store.settle()
    #expect(try directory.files() == [])
  }

  @Test func whatIsCommittedToStays() async throws {
    let it = try await RedactedLedger()
    let before = it.ledger.applied[Int(it.place.position)]
    try await it.redact()
    try it.ledger.store.readNow { reader in
      let entry = try #require(try reader.entry(at: it.place.position))
      let records = try reader.records(of: entry)
      #expect(entry.bytes == before.entry)
      #expect(records[7].isEmpty)
      #expect(records.filter { !$0.isEmpty } == before.batch.records.filter { $0 != it.record })
      let ids = try reader.recordIDs(of: entry, records: records)
      #expect(ids == before.batch.recordIDs)
      #expect(MerkleTree.root(ids) == before.batch.header.recordsRoot)
      let redaction = try #require(try reader.redaction(at: it.place))
      #expect(redaction.recordID == MerkleTree.leafHash(it.record))
      #expect(redaction.decidedAt == it.ledger.applied.last?.position)
      #expect(try reader.recordID(at: it.place) == redaction.recordID)
    }
  }

  @Test func itIsNotFoundByWhatItSaidButByItsID() async throws {
    let it = try await RedactedLedger()
    let ordinal = it.ledger.applied[Int(it.place.position)].firstOrdinal + 7
    func found(_ term: Term) throws -> [UInt64] { try it.index.ordinals(matching: [term.rawValue], limit: 9) }
    #expect(try found(.item(RedactedLedger.item)) == [ordinal])
    try await it.redact()
    #expect(try found(.item(RedactedLedger.item)) == [])
    #expect(try found(.readPoint("urn:secret:place")) == [])
    #expect(try found(.record(MerkleTree.leafHash(it.record))) == [ordinal])
    let record = try #require(try it.ledger.store.readNow { try $0.records(ordinals: [ordinal]).first })
    #expect(record.isRedacted)
  }

  @Test func aRecordOfTheSameGroupAndSeveralAtOnce() async throws {
    let it = try await RedactedLedger()
    let (store, position) = (it.ledger.store, UInt64(it.ledger.applied.count))
    let late = try it.ledger.scan([try RedactedLedger.secret(filler: 500), try StoredLedger.sighting(3)])
    let records = [
      (place: RecordPlace(position: position, index: 0), id: MerkleTree.leafHash(late.records[0])),
      it.recorded(it.place.position, it.place.index), it.recorded(3, 19),
    ]
    let erased = try await it.ledger.append([late, try it.vote(records)])
    try store.feed(it.index, upTo: it.ledger.state.recordCount)
    try store.erase(erased, from: it.index)
    #expect(try it.ledger.directory.files() == [])
    #expect(try store.readNow { try $0.redactions() }.map(\.place) == records.map(\.place).sorted())
    try it.index.quiesce()
    #expect(try store.check { _ in } == [])
  }

  @Test func theReceiptForgetsWhatWasWrongWithIt() async throws {
    let it = try await RedactedLedger()
    var bad = try Cairn_V1_Record(serializedBytes: it.record)
    bad.provenance.event.bizStep = "UNSPEAKABLE"
    bad.provenance.event.epcList.items = ["https://id.gs1.org/01/09521321000019/21/UNSPEAKABLE"]
    let batch = try it.ledger.scan(
      [try StoredLedger.sighting(1), try bad.serializedBytes(), Data("nonsense".utf8)], onError: .skipRecord)
    try await it.ledger.append([batch])
    let position = try #require(it.ledger.applied.last?.position)
    func errors() throws -> [Cairn_V1_RecordError] {
      try it.ledger.store.readNow { reader in
        let batch = try #require(try reader.batch(at: position))
        return try reader.receipt(of: batch, in: try reader.view(), replayed: false).recordErrors
      }
    }
    #expect(try errors().map(\.reason) == ["INVALID_CHECK_DIGIT", "MALFORMED_PROTOBUF"])
    try await it.ledger.append([
      try it.vote([it.recorded(it.place.position, 7), it.recorded(position, 1), it.recorded(position, 0)])
    ])
    #expect(try errors().map(\.reason) == ["REDACTED", "REDACTED", "MALFORMED_PROTOBUF"])
    #expect(try errors().map(\.recordIndex) == [0, 1, 2])
    #expect(try it.ledger.directory.files() == [])
  }

  /// A reader of an older state needs what was erased; when it has gone, the next group cuts the journal.
  @Test func whoReadsAnOlderStateHoldsTheJournalUp() async throws {
    let it = try await RedactedLedger()
    let store = it.ledger.store
    try store.settle()
    let reader = await Reader(of: store)
    try await it.redact()
    #expect(store.isErasureDue)
    #expect(try it.ledger.directory.files() != [])
    try await reader.end()
    try await it.ledger.append([try it.ledger.scan([try StoredLedger.sighting(5)])])
    #expect(!store.isErasureDue)
    #expect(try it.ledger.directory.files() == [])
  }

  /// However much of the journal a crash leaves, the vote and the erasure are both there or neither is.
  @Test(arguments: [0, 0.2, 0.4, 0.6, 0.8, 0.99, 1]) func aCrashLeavesAllOrNothing(fraction: Double) async throws {
    let it = try await RedactedLedger()
    try it.ledger.store.settle()
    let reader = await Reader(of: it.ledger.store)
    try await it.redact()
    let crashed = try it.ledger.directory.crashed(journalFraction: fraction)
    try await reader.end()

    #expect(try crashed.files() != [])
    let survivor = try Store(crashed)
    #expect(try survivor.check { _ in } == [])
    let isDecided = fraction == 1
    #expect(try survivor.readNow { try $0.logSize() } == it.ledger.state.edge.size - (isDecided ? 0 : 1))
    #expect(try survivor.readNow { try $0.redactions() }.count == (isDecided ? 1 : 0))
    #expect(try crashed.files().isEmpty == isDecided)
  }
}

/// Somebody who reads a state of the ledger for as long as it takes.
private struct Reader {
  private let task: Task<Void, any Error>
  private let isDone = DispatchSemaphore(value: 0)

  init(of store: Store) async {
    let (begun, isDone) = (AsyncStream<Void>.makeStream(), isDone)
    task = Task {
      try await store.read { reader in
        _ = try reader.logSize()
        begun.continuation.yield()
        isDone.wait()
      }
    }
    for await _ in begun.stream { break }
  }

  func end() async throws {
    isDone.signal()
    try await task.value
  }
}
