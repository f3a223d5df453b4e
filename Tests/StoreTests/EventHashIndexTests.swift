import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Provenance
import Testing
import Wire

@testable import Store

@Suite struct EventHashIndexTests {
  @Test func itReachesTheEndOfTheLogInStepsAndFindsEveryEvent() async throws {
    let ledger = try await StoredLedger(batches: 30, recordsPerBatch: 20)
    let hashes = try ledger.store.openEventHashes()
    #expect(hashes.reachedOrdinal == 0)
    let end = ledger.state.recordCount
    var reached: [UInt64] = []
    while try hashes.step(over: ledger.store, upTo: end) { reached.append(hashes.reachedOrdinal) }
    #expect(reached.count > 3 && reached == Array(Set(reached)).sorted())
    #expect(hashes.reachedOrdinal == end)
    #expect(try hashes.step(over: ledger.store, upTo: end) == false)
    for number in [0, 17, 599] {
      #expect(try Self.ordinals(of: StoredLedger.sighting(number), in: hashes).count == 1)
    }
    #expect(try Self.ordinals(of: StoredLedger.sighting(600), in: hashes) == [])
  }

  @Test func itGoesOnWhereItsFileEnds() async throws {
    let ledger = try await StoredLedger(batches: 10, recordsPerBatch: 20)
    let postings = try PostingIndex(
      path: ledger.directory.hashes.path, ledger: ledger.state.ledgerID, tablePostings: 50)
    let first = EventHashIndex(postings)
    while try first.step(over: ledger.store, upTo: 150) {}
    try postings.quiesce()
    let kept = try ledger.store.openEventHashes()
    #expect(kept.reachedOrdinal > 0 && kept.reachedOrdinal <= 150)
    while try kept.step(over: ledger.store, upTo: ledger.state.recordCount) {}
    #expect(try Self.ordinals(of: StoredLedger.sighting(199), in: kept).count == 1)
  }

  @Test func whatAnErasedRecordHadIsForgotten() async throws {
    let it = try await RedactedLedger()
    let store = it.ledger.store
    let hashes = try store.openEventHashes()
    while try hashes.step(over: store, upTo: it.ledger.state.recordCount) {}
    #expect(try Self.ordinals(of: it.record, in: hashes).count == 1)
    let erased = try await it.ledger.append([try it.vote([it.recorded(it.place.position, it.place.index)])])
    try store.erase(erased, from: it.index)
    try store.erase(erased, from: hashes)
    #expect(try Self.ordinals(of: it.record, in: hashes) == [])
    try hashes.postings.quiesce()
    #expect(try store.hasFollowed(hashes.postings))
    while try hashes.step(over: store, upTo: it.ledger.state.recordCount) {}
    #expect(try Self.ordinals(of: it.record, in: hashes) == [])
    #expect(try Self.ordinals(of: StoredLedger.sighting(2_000), in: hashes).count == 1)
  }

  @Test func oneThatMissedARedactionIsMadeAnew() async throws {
    let it = try await RedactedLedger()
    let hashes = try it.ledger.store.openEventHashes()
    while try hashes.step(over: it.ledger.store, upTo: it.ledger.state.recordCount) {}
    try hashes.postings.quiesce()
    try await it.redact()
    let anew = try it.ledger.store.openEventHashes()
    #expect(anew.reachedOrdinal == 0)
    while try anew.step(over: it.ledger.store, upTo: it.ledger.state.recordCount) {}
    #expect(try Self.ordinals(of: it.record, in: anew) == [])
  }

  @Test func checkComparesItAndRebuildMakesItAnew() async throws {
    let ledger = try await StoredLedger(batches: 5, recordsPerBatch: 20)
    let postings = try PostingIndex(
      path: ledger.directory.hashes.path, ledger: ledger.state.ledgerID, tablePostings: 10)
    let hashes = EventHashIndex(postings)
    while try hashes.step(over: ledger.store, upTo: ledger.state.recordCount) {}
    try postings.quiesce()
    #expect(postings.coveredOrdinal > 50)
    #expect(try ledger.store.check { _ in } == [])
    try damage(ledger.directory.hashes, "UPDATE block SET bytes = zeroblob(length(bytes))")
    let findings = try ledger.store.check { _ in }
    #expect(!findings.isEmpty && findings.allSatisfy { $0.hasPrefix("hashes.db: ") })
    _ = try ledger.store.rebuild { _ in }
    #expect(try ledger.store.check { _ in } == [])
  }

  @Test func aFileThatIsNoIndexIsReplaced() async throws {
    let ledger = try await StoredLedger(batches: 1)
    try Data("no database at all, but long enough to be looked at".utf8).write(to: ledger.directory.hashes)
    let hashes = try ledger.store.openEventHashes()
    while try hashes.step(over: ledger.store, upTo: ledger.state.recordCount) {}
    #expect(try Self.ordinals(of: StoredLedger.sighting(1), in: hashes).count == 1)
  }

  private static func ordinals(of record: Data, in index: EventHashIndex) throws -> [UInt64] {
    let terms = EventHashIndex.hashes(of: record).map { Term.eventHash($0).rawValue }
    try #require(!terms.isEmpty)
    return try index.postings.ordinals(matching: terms, limit: 10)
  }
}
