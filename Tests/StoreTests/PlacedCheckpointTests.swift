import Foundation
import Ledger
import Primitives
import Signing
import Testing

@testable import Store

@Suite struct PlacedCheckpointTests {
  private func place(_ sequence: UInt64, epoch: UInt64 = 1) -> EnginePlace {
    EnginePlace(
      epoch: epoch, stream: "CAIRN_\(epoch)", created: 5, sequence: sequence, stored: Int64(sequence) * 10,
      state: Data("state \(sequence)".utf8))
  }

  private func placed(_ size: UInt64, at sequence: UInt64) -> PlacedCheckpoint {
    PlacedCheckpoint(size: size, root: SomeRoot.of(size), place: place(sequence))
  }

  @Test func theLatestAreKeptAndNoMore() async throws {
    let store = try await StoredLedger(batches: 1).store
    let count = UInt64(PlacedCheckpoint.maxCount)
    for start in stride(from: UInt64(1), to: 3 * count, by: 64) {
      let all = (start..<start + 64).map { placed($0, at: 3 * $0) }
      try await store.save(EngineProgress(to: place(3 * (start + 63)), checkpoints: all))
    }
    let rows = try store.readNow { reader in try (1...3 * count).compactMap { try reader.placedCheckpoint(size: $0) } }
    #expect(rows == (2 * count + 1...3 * count).map { placed($0, at: 3 * $0) })
    #expect(try store.readNow { try $0.placedCheckpoint(upTo: 9 * count) } == placed(3 * count, at: 9 * count))
    #expect(try store.readNow { try $0.placedCheckpoint(upTo: count) } == nil)
  }

  /// While the log does not grow, the latest place counts: the engine forgets the earlier ones first.
  @Test func ofOneCheckpointTheLatestPlaceIsGiven() async throws {
    let store = try await StoredLedger(batches: 1).store
    for sequence in [7, 256, 512] as [UInt64] {
      try await store.save(EngineProgress(to: place(sequence), checkpoints: [placed(2, at: sequence)]))
    }
    #expect(try store.readNow { try $0.placedCheckpoint(size: 2) } == placed(2, at: 512))
  }

  /// What is cut off the log has no place any more, and a new epoch begins without any.
  @Test func placesGoWithTheLog() async throws {
    let ledger = try await StoredLedger(batches: 20)
    let all = [placed(10, at: 30), placed(15, at: 40), placed(20, at: 50)]
    try await ledger.store.save(EngineProgress(to: place(50), checkpoints: all))
    _ = try ledger.store.truncate(to: 15, final: 1, sign: ledger.sign)
    #expect(try ledger.store.readNow { try $0.placedCheckpoint(upTo: 100) } == all[1])
    _ = try ledger.store.truncate(
      to: 12, final: 1, opening: KeptOpening(epoch: 2, bytes: Data([1])), sign: ledger.sign)
    #expect(try ledger.store.readNow { try $0.placedCheckpoint(upTo: 100) } == nil)
  }

  /// A proven log, its certificate and its place are saved together, and places of another epoch are forgotten.
  @Test func aProvenLogBringsItsCourse() async throws {
    let ledger = try await StoredLedger(batches: 4)
    let store = ledger.store
    try await store.save(EngineProgress(to: place(50), checkpoints: [placed(3, at: 50)]))
    let checkpoint = try #require(try store.readNow { try $0.checkpoint() })
    try await store.beginCatchUp()
    let certificate = SignedCheckpoint(size: checkpoint.size, root: checkpoint.root, note: "cosigned")
    let course = ProvenCourse(certificate: certificate, place: place(9, epoch: 2))
    _ = try await store.prove(checkpoint, following: course, isComplete: true)
    #expect(try store.readNow { try $0.catchUpBase() } == nil)
    #expect(try store.readNow { try $0.enginePlace() } == course.place)
    #expect(try store.readNow { try $0.certificate() } == certificate)
    #expect(try store.readNow { try $0.placedCheckpoint(upTo: 100) }?.place == course.place)
  }
}

/// Some root, another one for each size.
private enum SomeRoot {
  static func of(_ size: UInt64) -> Digest { SHA256.hash(Data("\(size)".utf8)) }
}
