import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import SwiftProtobuf
import Testing
import Wire

@testable import Store

@Suite struct TruncationTests {
  @Test(arguments: [1, 2, 3, 255, 256, 257, 300, 302]) func everythingDerivedFollows(size: UInt64) async throws {
    let ledger = try await StoredLedger(batches: 300)
    let store = ledger.store
    try store.openIndex().quiesce()
    let removed = try store.truncate(to: size, final: 1, sign: ledger.sign)
    #expect(removed.entryCount == 302 - Int(size) && removed.keptCount == removed.entryCount && removed.lostCount == 0)
    #expect(try store.readNow { try $0.logSize() } == size)
    let leaves = ledger.applied.prefix(Int(size)).map { MerkleTree.leafHash($0.entry) }
    #expect(try store.readNow { try $0.state().edge.root } == MerkleTree.root(leaves))
    let index = try store.openIndex()
    #expect(index.reachedOrdinal == (try store.readNow { try $0.state().recordCount }))
    #expect(try store.check { _ in } == [])
  }

  @Test func batchesAreKeptInTheirOrderAndReleased() async throws {
    let ledger = try await StoredLedger(batches: 20)
    _ = try ledger.store.truncate(to: 10, final: 4, sign: ledger.sign)
    let held = try await ledger.store.heldBatches(after: 0, limit: 100)
    let headers = try held.map { try Cairn_V1_Batch(serializedBytes: $0.bytes).header }
    #expect(headers == ledger.applied.dropFirst(10).map(\.batch.header.bytes))
    #expect(
      try held.map { try Cairn_V1_Batch(serializedBytes: $0.bytes).records }
        == ledger.applied.dropFirst(10).map(\.batch.records))
    try await ledger.store.releaseHeldBatches(through: held[4].id)
    #expect(try await ledger.store.heldBatches(after: 0, limit: 100).count == held.count - 5)
  }

  @Test func whatIsFinalStays() async throws {
    let ledger = try await StoredLedger(batches: 20)
    #expect(throws: Failure.self) { try ledger.store.truncate(to: 9, final: 10, sign: ledger.sign) }
      .map { #expect($0.reason == "TRUNCATION_BELOW_FINAL") }
    #expect(throws: Failure.self) { try ledger.store.truncate(to: 0, final: 0, sign: ledger.sign) }
      .map { #expect($0.reason == "TRUNCATION_BELOW_FINAL") }
    #expect(throws: Failure.self) { try ledger.store.truncate(to: 23, final: 0, sign: ledger.sign) }
      .map { #expect($0.reason == "LOG_TOO_SMALL") }
    #expect(try ledger.store.readNow { try $0.logSize() } == 22)
  }

  /// The opening and what is taken out go together; a second run changes nothing.
  @Test func theOpeningIsKeptInTheSameStep() async throws {
    let ledger = try await StoredLedger(batches: 20)
    let opening = KeptOpening(epoch: 2, bytes: Data([1, 2, 3]))
    _ = try ledger.store.truncate(to: 12, final: 1, opening: opening, sign: ledger.sign)
    #expect(try ledger.store.latestOpening() == opening)
    let again = try ledger.store.truncate(to: 12, final: 1, opening: opening, sign: ledger.sign)
    #expect(again == Truncation())
    #expect(try await ledger.store.heldBatches(after: 0, limit: 100).count == 10)
  }

  @Test func whatANodeSaidWhenItLeftIsKeptByEpoch() async throws {
    let ledger = try await StoredLedger(batches: 1)
    #expect(try ledger.store.statement(of: 1) == nil)
    try ledger.store.save(statement: Data([1]), of: 1)
    try ledger.store.save(statement: Data([2]), of: 2)
    #expect(try ledger.store.statement(of: 1) == Data([1]))
    #expect(try ledger.store.statement(of: 2) == Data([2]))
  }

  /// An index that reaches beyond the cut is made anew even where the log has grown past it again.
  @Test func anIndexThatReachesBeyondTheCutIsMadeAnew() async throws {
    let ledger = try await StoredLedger(batches: 20)
    let directory = ledger.directory
    try ledger.store.openIndex().quiesce()
    _ = try ledger.store.truncate(to: 12, final: 1, sign: ledger.sign)
    #expect(FileManager.default.fileExists(atPath: directory.index.path + PostingIndex.brokenSuffix))
    _ = try ledger.store.openIndex()
    #expect(!FileManager.default.fileExists(atPath: directory.index.path + PostingIndex.brokenSuffix))
  }
}
