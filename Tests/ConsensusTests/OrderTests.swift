import Consensus
import Ledger
import FoundationEssentials
import Merkle
import Primitives
import Signing
import SwiftProtobuf
import Testing
import Wire

@Suite struct OrderTests {
  typealias C = SmallConsortium

  private func time(_ clocks: [Int64?]) throws -> Int64 {
    let consortium = try C(members: clocks.count)
    var state = ConsensusState()
    for (node, clock) in clocks.enumerated() {
      guard let clock else { continue }
      _ = try state.apply(try consortium.mark(node, clock: clock), ledger: consortium.ledger)
    }
    let time = state.time(directory: consortium.ledger.directory, after: C.start)
    return time.microseconds - C.start.microseconds
  }

  @Test(
    arguments: [
      ([7], 7), ([3, 9], 3), ([1, 5, 9], 5), ([1, 5, 7, 9], 5), ([1, 5, 7, 9, 11], 7), ([nil, 5, 7, 9], 5),
      ([nil, nil, 7, 9], 0), ([-5, -4, -3], 0), ([nil], 0),
    ] as [([Int64?], Int64)])
  func ledgerTimeIsTheLowerMedianAndNeverGoesBack(clocks: [Int64?], expected: Int64) throws {
    #expect(try time(clocks) == expected)
  }

  @Test(arguments: 3...9, [Int64(-3_000_000), 900_000_000_000]) func oneMemberMovesItNowhere(members: Int, lie: Int64)
    throws
  {
    let honest = (1..<members).map { Int64?(Int64($0) * 10) }
    let lied = try time(honest + [lie])
    #expect(lied >= 10 && lied <= Int64(members - 1) * 10)
  }

  @Test func aCheckpointLiesWhereTheLogGrewBeforeAMark() throws {
    let consortium = try C()
    var state = ConsensusState()
    let (_, checkpoint) = try state.apply(try consortium.mark(0), ledger: consortium.ledger)
    #expect(checkpoint == LogPoint(size: 1, root: consortium.ledger.edge.root))
    #expect(try state.apply(try consortium.mark(1), ledger: consortium.ledger).checkpoint == nil)
  }

  @Test func whatDoesNotCountChangesNothing() throws {
    let consortium = try C()
    var state = ConsensusState()
    _ = try state.apply(try consortium.mark(0, number: 5, clock: 9), ledger: consortium.ledger)
    let before = state
    let stranger = try C().mark(0)
    for (mark, reason) in [
      (try consortium.mark(0, number: 5, clock: 10), "STALE_MARK"), (try consortium.mark(0, number: 4), "STALE_MARK"),
      (try consortium.mark(1, epoch: 2), "WRONG_EPOCH"), (stranger, "UNKNOWN_KEY"),
    ] {
      let failure = #expect(throws: Failure.self) { try state.apply(mark, ledger: consortium.ledger) }
      #expect(failure?.reason == reason)
      #expect(state == before)
    }
  }

  @Test func theStateHasOneForm() throws {
    let consortium = try C(members: 7)
    var state = ConsensusState(epoch: 3)
    for node in [4, 1, 6, 0] {
      _ = try state.apply(try consortium.mark(node, number: 8, clock: Int64(node), epoch: 3), ledger: consortium.ledger)
    }
    let bytes = try state.serialized
    #expect(try ConsensusState(bytes) == state)
    #expect(state.nextNumber(of: consortium.nodes[4].publicKey.id) == 9)
    var random = SplitMix(seed: 5)
    for _ in 0..<400 {
      var wrong = bytes
      let index = random.below(wrong.count)
      wrong[index] ^= UInt8(1 << random.below(8))
      if let read = try? ConsensusState(wrong) { #expect(try read.serialized == wrong) }
      #expect((try? ConsensusState(bytes.prefix(index)))?.serialized(is: bytes) != true)
    }
    #expect(throws: Failure.self) { try ConsensusState(Data(repeating: 0xFF, count: EngineLimits.stateBytes + 1)) }
  }

  @Test func aPromiseHasOneFormAndKnowsWhenItIsDamaged() throws {
    for promise in [
      LastSigned(), LastSigned(epoch: 4, log: C.log(9)), LastSigned(log: C.log(2)).closed,
      try LastSigned(log: C.log(2)).closed.opening(2),
    ] {
      let bytes = promise.serialized
      #expect(try LastSigned(bytes) == promise)
      for index in bytes.indices {
        var wrong = bytes
        wrong[index] ^= 4
        #expect(throws: Failure.self) { try LastSigned(wrong) }
      }
      #expect(throws: Failure.self) { try LastSigned(bytes.dropLast()) }
    }
    #expect(throws: Failure.self) { try LastSigned().opening(2) }
    #expect(throws: Failure.self) { try LastSigned(epoch: 2).closed.opening(2) }
  }

  @Test func messagesComeBackAndHostileOnesAreUnreadable() throws {
    let mark = try C().mark(2, number: 3, clock: 4)
    guard case .mark(let read) = OrderedItem(try OrderedItem.message(mark)) else {
      return #expect(Bool(false), "not a mark")
    }
    #expect(read == mark)
    var random = SplitMix(seed: 9)
    let bytes = try OrderedItem.message(mark)
    for _ in 0..<2_000 {
      var wrong = bytes
      for _ in 0...random.below(3) { wrong[random.below(wrong.count)] = UInt8(truncatingIfNeeded: random.next()) }
      if random.below(4) == 0 { wrong = wrong.prefix(random.below(wrong.count)) }
      if case .mark(let other) = OrderedItem(wrong), other != mark {
        #expect((try? other.verified(by: C().ledger.directory)) == nil)
      }
    }
    for hostile in [Data(), Data(repeating: 0, count: EngineLimits.messageBytes + 1), Data([0x0A])] {
      guard case .unreadable = OrderedItem(hostile) else { return #expect(Bool(false), "readable") }
    }
  }

  @Test func aBatchThatIsTooLargeIsRefusedWithTheLimit() throws {
    var batch = Cairn_V1_Batch()
    batch.records = Array(repeating: Data(repeating: 1, count: 60_000), count: 9)
    let size = try (batch.serializedBytes() as [UInt8]).count
    batch.records[8].removeLast(size - EngineLimits.batchBytes)
    #expect(try (batch.serializedBytes() as [UInt8]).count == EngineLimits.batchBytes)
    guard case .batch = OrderedItem(try OrderedItem.message(batch)) else { return #expect(Bool(false), "refused") }
    batch.records[8].append(1)
    let failure = #expect(throws: Failure.self) { try OrderedItem.message(batch) }
    #expect(failure?.reason == "BATCH_SIZE" && failure?.message.hasPrefix("records: 524289 bytes") ?? false)
    #expect(failure?.message.contains("at most 524288") ?? false)
  }

  @Test func aNodeMarksAtOnceAfterARestInStepUnderLoadAndNowAndThenAtRest() {
    var pace = MarkPace(markInterval: 50, idleInterval: 5_000)
    #expect(pace.isDue(at: 0))
    pace.applied(logSize: 1)
    pace.marked(logSize: 1, at: 0)
    #expect(!pace.isDue(at: 4_999) && pace.isDue(at: 5_000))
    pace.applied(logSize: 2)
    #expect(!pace.isDue(at: 49) && pace.isDue(at: 50))
    pace.marked(logSize: 2, at: 50)
    #expect(pace.due == 5_050)
    pace.failed()
    #expect(pace.due == 100)
  }
}

extension ConsensusState {
  fileprivate func serialized(is bytes: Data) -> Bool { (try? serialized) == bytes }
}

/// A seeded generator.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    let mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ mixed >> 27
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
