import Checkpoints
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Store
import SwiftProtobuf
import Synchronization
import Testing
import Wire

@testable import Peers

@Suite struct CatchUpTests {
  /// Catches up from these peers; gives what came of it, or why it did not.
  private func catchUp(
    _ store: Store, _ peers: [any Peer], clock: any Clock<Duration> = ContinuousClock(),
    progress: @escaping @Sendable (CatchUp.Progress) -> Void = { _ in }
  ) async -> Result<CatchUp.Outcome, Failure> {
    let hooks = CatchUp.Hooks(progress: progress) { state, certificate in
      SignedCheckpoint(size: state.edge.size, root: state.edge.root, note: certificate.note.description)
    }
    do throws(Failure) {
      return .success(try await CatchUp(store: store, peers: peers, hooks: hooks, clock: clock).run())
    } catch { return .failure(error) }
  }

  private func newStore(_ village: Village) throws -> Store {
    try village.newStore(at: TemporaryDirectory.make())
  }

  private func isWhole(_ store: Store, _ village: Village) throws {
    let (state, base) = try store.readNow { (try $0.state(), try $0.catchUpBase()) }
    #expect(base == nil)
    #expect(state.edge == village.state.edge)
    #expect(state.chains == village.state.chains)
    #expect(state.directory == village.state.directory)
    #expect(state.recordCount == village.state.recordCount)
    // Its note is the members' here, which is no log signature of this node.
    #expect(store.check { _ in }.filter { !$0.contains("signed checkpoint") } == [])
  }

  @Test func fetchesAndVerifiesEverything() async throws {
    let village = try Village(batches: 300)
    let store = try newStore(village)
    let peer = FakePeer("honest", village)
    let sizes = Mutex<[UInt64]>([])
    let outcome = try await catchUp(store, [peer]) { step in sizes.withLock { $0.append(step.size) } }.get()
    #expect(outcome.signers.map(\.description).sorted() == ["farm", "mill", "shop"])
    #expect(outcome.liars.isEmpty)
    #expect(sizes.withLock { $0.last } == 301)
    try isWhole(store, village)
  }

  @Test func goesOnWhereItWas() async throws {
    let village = try Village(batches: 40)
    let store = try newStore(village)
    let half = FakePeer(
      "half", village,
      change: { _, position in
        guard position < 20 else { throw Failure(.unavailable, "GONE", "gone") }
        return true
      })
    let failure = await catchUp(store, [half], clock: ImpatientClock())
    #expect(throws: Failure.self) { try failure.get() }.map { #expect($0.reason == "NO_PEER") }
    // Entries in memory are lost with the peer, those on disk are not; 40 make no group.
    #expect(try store.readNow { try $0.catchUpBase()?.size } == 1)
    let whole = FakePeer("whole", village)
    _ = try await catchUp(store, [whole]).get()
    try isWhole(store, village)
  }

  @Test func fetchesOnlyWhatItLacks() async throws {
    let village = try Village(batches: 2_500, recordsPerBatch: 1)
    let store = try newStore(village)
    let half = FakePeer(
      "half", village,
      change: { _, position in
        guard position < 2_200 else { throw Failure(.unavailable, "GONE", "gone") }
        return true
      })
    let whole = FakePeer("whole", village)
    _ = try await catchUp(store, [half, whole], clock: ContinuousClock()).get()
    #expect(whole.asked == [2_049..<2_501])
    try isWhole(store, village)
  }

  /// What a peer may send that is not the log, and the word for it.
  static let lies: [(String, @Sendable (inout FakePeer.Message, UInt64) async throws -> Bool, String)] = [
    (
      "a record's byte",
      { message, position in
        if position == 7 { message.parts[0].records[0][30] ^= 1 }
        return true
      }, "RECORDS_ROOT_MISMATCH"
    ),
    (
      "an entry's time",
      { message, position in
        if position == 7, message.parts[0].firstIndex == 0 { message.parts[0].entry[8] ^= 1 }
        return true
      }, "ROOT_MISMATCH"
    ),
    (
      "a signature",
      { message, position in
        if position == 7, message.parts[0].firstIndex == 0 { message.parts[0].entry[20] ^= 1 }
        return true
      }, "INVALID_SIGNATURE"
    ),
    (
      "nothing for an entry",
      { message, position in
        if position == 7 { message.parts = [] }
        return true
      }, "ENTRY_OUT_OF_ORDER"
    ),
    (
      "another entry first",
      { message, position in
        if position == 7 { message.parts[0].position = 8 }
        return true
      }, "ENTRY_OUT_OF_ORDER"
    ),
    ("too little", { _, position in position < 7 }, "ENTRY_MISSING"),
    (
      "half a batch",
      { message, position in
        if position == 7 { message.parts[0].more = false }
        return true
      }, "RECORD_COUNT_MISMATCH"
    ),
    (
      "a part twice",
      { message, position in
        if position == 7 { message.parts += message.parts }
        return true
      }, "PART_OUT_OF_ORDER"
    ),
    (
      "a batch too large",
      { message, position in
        if position == 7 {
          message.parts[0].more = true
          message.parts[0].records = Array(repeating: Data(count: 60_000), count: 90)
        }
        return true
      }, "BATCH_SIZE"
    ),
    (
      "a record less",
      { message, position in
        if position == 7 { message.parts[0].records[0] = Data() }
        return true
      }, "RECORD_MISSING"
    ),
    (
      "an erasure without a vote",
      { message, position in
        if position == 7 { erase(&message, decidedAt: 9) }
        return true
      }, "FALSE_ERASURE"
    ),
    (
      "an erasure by a vote to come",
      { message, position in
        if position == 7 { erase(&message, decidedAt: 9_000) }
        return true
      }, "ERASURE_UNPROVEN"
    ),
    (
      "an erasure by a vote before",
      { message, position in
        if position == 7 { erase(&message, decidedAt: 3) }
        return true
      }, "FALSE_ERASURE"
    ),
  ]

  private static func erase(_ message: inout FakePeer.Message, decidedAt: UInt64) {
    guard message.parts[0].firstIndex == 0 else { return }
    let id = MerkleLeaf.hash(message.parts[0].records[0])
    message.parts[0].records[0] = Data()
    message.parts[0].erased = [
      .with {
        $0.recordID = id
        $0.decidedAt = decidedAt
      }
    ]
  }

  @Test(arguments: lies.indices) func aLyingPeerIsNamedAndLeft(number: Int) async throws {
    let (name, lie, reason) = Self.lies[number]
    let village = try Village(batches: 30)
    let store = try newStore(village)
    let liar = FakePeer("liar", village, change: lie)
    let honest = FakePeer("honest", village)
    let outcome = try await catchUp(store, [liar, honest], clock: ImpatientClock()).get()
    #expect(outcome.liars.map(\.peer) == ["liar"], "\(name)")
    #expect(outcome.liars.map(\.failure.reason) == [reason], "\(name)")
    try isWhole(store, village)
  }

  @Test(arguments: lies.indices) func aLiarAloneLeavesNothing(number: Int) async throws {
    let village = try Village(batches: 30)
    let store = try newStore(village)
    let result = await catchUp(store, [FakePeer("liar", village, change: Self.lies[number].1)], clock: ImpatientClock())
    #expect(throws: Failure.self) { try result.get() }.map { failure in
      #expect(failure.reason == "NO_PEER")
      #expect(failure.message.contains("liar: \(Self.lies[number].2)"), "\(failure.message)")
    }
    #expect(try store.readNow { try $0.logSize() } == 1)
  }
}
