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
    _ store: Store, _ peers: [any Peer], order: CatchUp.Order = .none, pulse: any Clock<Duration> = ContinuousClock(),
    progress: @escaping @Sendable (CatchUp.Progress) -> Void = { _ in }
  ) async -> Result<CatchUp.Outcome, Failure> {
    let hooks = CatchUp.Hooks(progress: progress) { state, certificate in
      SignedCheckpoint(size: state.edge.size, root: state.edge.root, note: certificate.note.description)
    }
    do throws(Failure) {
      return .success(
        try await CatchUp(
          store: store, peers: peers, order: order, hooks: hooks, clock: ImpatientClock(), pulse: pulse
        ).run())
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
    #expect(try store.check { _ in }.filter { !$0.contains("signed checkpoint") } == [])
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
    let failure = await catchUp(store, [half])
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
    _ = try await catchUp(store, [half, whole]).get()
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
    let outcome = try await catchUp(store, [liar, honest]).get()
    #expect(outcome.liars.map(\.peer) == ["liar"], "\(name)")
    #expect(outcome.liars.map(\.failure.reason) == [reason], "\(name)")
    try isWhole(store, village)
  }

  @Test(arguments: lies.indices) func aLiarAloneLeavesNothing(number: Int) async throws {
    let village = try Village(batches: 30)
    let store = try newStore(village)
    let result = await catchUp(store, [FakePeer("liar", village, change: Self.lies[number].1)])
    #expect(throws: Failure.self) { try result.get() }.map { failure in
      #expect(failure.reason == "NO_PEER")
      #expect(failure.message.contains("liar: \(Self.lies[number].2)"), "\(failure.message)")
    }
    #expect(try store.readNow { try $0.logSize() } == 1)
  }

  @Test func aPeerThatStallsIsLeft() async throws {
    let village = try Village(batches: 30)
    let store = try newStore(village)
    let stalled = FakePeer(
      "stalled", village,
      change: { _, position in
        if position == 7 { try await ContinuousClock().sleep(for: .seconds(3_600)) }
        return true
      })
    let honest = FakePeer("honest", village)
    let outcome = try await catchUp(store, [stalled, honest], pulse: YieldingClock()).get()
    #expect(outcome.liars.isEmpty)
    try isWhole(store, village)
  }

  /// Of three signatures under the note one is missing, or of somebody else, or over another root.
  @Test(arguments: ["too few", "one twice", "another root", "another size", "no certificate", "another ledger"])
  func aWrongCertificateIsNotTaken(what: String) async throws {
    let village = try Village(batches: 12)
    let store = try newStore(village)
    let other = try Village(batches: 12)
    let liar = FakePeer(
      "liar", village,
      status: { status in
        switch what {
        case "too few": status.certifiedNote = try village.note(by: [0, 3])
        case "one twice": status.certifiedNote = try village.note(by: [1, 2, 2])
        case "another root": status.certifiedNote = try village.note(root: other.state.edge.root)
        case "another size": status.certifiedSize -= 1
        case "no certificate": status.certifiedSize = 0
        default: status.ledgerID = Data(other.state.ledgerID.bytes)
        }
      })
    let outcome = try await catchUp(store, [liar, FakePeer("honest", village)]).get()
    #expect(outcome.liars.map(\.peer) == ["liar"])
    try isWhole(store, village)
  }

  @Test func whatWasErasedComesWithoutItsContent() async throws {
    var village = try Village(batches: 30)
    try village.erase(1, of: 5)
    let store = try newStore(village)
    _ = try await catchUp(store, [FakePeer("honest", village)]).get()
    try isWhole(store, village)
    let erased = try store.readNow { try $0.redactions() }
    #expect(erased.map(\.place.position) == [5])
    #expect(erased.map(\.decidedAt) == [UInt64(village.log.count - 1)])
  }

  /// A peer that has not erased yet what the vote erased gives the record; it is erased when the vote is proven.
  @Test func whatComesWithItsContentIsErasedByTheVote() async throws {
    let before = try Village(batches: 30)
    var village = before
    try village.erase(1, of: 5)
    let store = try newStore(village)
    let record = before.log[5].records[1]
    let peer = FakePeer(
      "late", village,
      change: { message, position in
        guard position == 5, message.parts[0].firstIndex == 0 else { return true }
        message.parts[0].records[1] = record
        message.parts[0].erased = []
        return true
      })
    _ = try await catchUp(store, [peer]).get()
    try isWhole(store, village)
    let entry = try #require(try store.readNow { try $0.entry(at: 5) })
    #expect(try store.readNow { try $0.records(of: entry)[1] }.isEmpty)
  }

  /// The vote came after the certificate that the peer had first.
  @Test func anErasureThatIsNewerThanTheCertificateIsWaitedFor() async throws {
    let before = try Village(batches: 30)
    var after = before
    try after.erase(0, of: 9)
    let store = try newStore(before)
    let old = before
    let asked = Mutex(0)
    let peer = FakePeer(
      "busy", after,
      status: { status in
        guard
          asked.withLock({ count in
            count += 1
            return count <= 3
          })
        else { return }
        status.certifiedSize = old.state.edge.size
        status.certifiedNote = try old.note()
      })
    _ = try await catchUp(store, [peer]).get()
    try isWhole(store, after)
  }

  @Test func aKilledRunGoesOnFromWhatIsOnDisk() async throws {
    let village = try Village(batches: 2_500, recordsPerBatch: 1)
    let url = try TemporaryDirectory.make()
    do {
      let store = try village.newStore(at: url)
      let gone = FakePeer(
        "gone", village,
        change: { _, position in
          guard position < 2_200 else { throw Failure(.unavailable, "GONE", "gone") }
          return true
        })
      _ = await catchUp(store, [gone])
      #expect(try store.check { _ in }.contains { $0.contains("cairnd join") })
    }
    let store = try Store(DataDirectory(url.path))
    let peer = FakePeer("honest", village)
    _ = try await catchUp(store, [peer]).get()
    #expect(peer.asked.first?.lowerBound ?? 0 > 2_000)
    try isWhole(store, village)
  }

  /// What a killed run left was wrong, and nobody knows by whom: the honest peer is not blamed.
  @Test func nobodyIsBlamedForWhatAnEarlierRunLeft() async throws {
    let village = try Village(batches: 1_500, recordsPerBatch: 1)
    let forged = try forgery(of: village)
    let store = try newStore(village)
    let liar = FakePeer(
      "liar", forged,
      change: { _, position in
        guard position < 1_400 else { throw Failure(.unavailable, "GONE", "gone") }
        return true
      })
    _ = await catchUp(store, [liar])
    #expect(try store.readNow { try $0.logSize() } > 1_000)
    let outcome = try await catchUp(store, [FakePeer("honest", village)]).get()
    #expect(outcome.liars.isEmpty)
    try isWhole(store, village)
  }

  /// The same batches with another ledger time somewhere: each entry is right by itself, the root is not.
  private func forgery(of village: Village) throws -> Village {
    var forged = village
    forged.shift(100)
    return forged
  }
}

/// A clock on which every wait is over as soon as others had their turn.
struct YieldingClock: Clock {
  let now = ImpatientClock.Instant(offset: .zero)
  var minimumResolution: Swift.Duration { .zero }

  func sleep(until deadline: ImpatientClock.Instant, tolerance: Swift.Duration?) async throws {
    try await ContinuousClock().sleep(for: .milliseconds(20))
  }
}
