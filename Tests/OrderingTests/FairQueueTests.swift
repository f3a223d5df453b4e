import Primitives
import Testing

@testable import Ordering

@Suite struct FairQueueTests {
  private typealias Queue = FairQueue<Int>

  private func queue() -> Queue {
    Queue(bounds: .init(bytes: Intake.maxBytes / 2, count: Intake.maxBatches / 2), turnBytes: Intake.turnBytes)
  }

  /// Fills a lane until it is refused, or waits; how many elements came in.
  private func flood(_ queue: inout Queue, _ lane: Lane, _ way: Queue.Way, bytes: Int) -> Int {
    var count = 0
    while queue.hasRoom(lane, way) {
      let isQueued =
        switch way {
        case .orRefused: queue.offer(-1, bytes: bytes, lane: lane)
        case .orWaiting: queue.offerOrWait(-1, bytes: bytes, lane: lane)
        }
      #expect(isQueued)
      count += 1
    }
    return count
  }

  private func offer(_ queue: inout Queue, _ element: Int, bytes: Int, _ lane: Lane) {
    let isQueued = queue.offer(element, bytes: bytes, lane: lane)
    #expect(isQueued)
  }

  @Test(arguments: [1, 2, 3, 7], [100, 40_000, 300_000])
  func eachMayHoldAsMuchAsIsFree(members: Int, bytes: Int) throws {
    var queue = queue()
    // They compete, so each gets in turn what it can.
    var open = try (0..<members).map { try Lane.member($0) }
    var counts: [Lane: Int] = [:]
    while !open.isEmpty {
      open.removeAll { !queue.offer(0, bytes: bytes, lane: $0) }
      for lane in open { counts[lane, default: 0] += 1 }
    }
    let share = min(queue.bounds.count, queue.bounds.bytes / bytes) / (members + 1)
    for count in counts.values { #expect(abs(count - share) <= 1) }
    #expect(queue.hasRoom(try .member(members), .orRefused))
  }

  @Test func thoseWhoWaitAndThoseWhoAreRefusedDoNotShutEachOtherOut() throws {
    for (first, second) in [(Queue.Way.orRefused, Queue.Way.orWaiting), (.orWaiting, .orRefused)] {
      var queue = queue()
      for member in 0..<50 { _ = flood(&queue, try .member(member), first, bytes: 4 << 20) }
      #expect(queue.load(first).bytes >= queue.bounds.bytes)
      #expect(queue.hasRoom(try .member(0), second))
      #expect(queue.hasRoom(try .member(99), second))
    }
  }

  @Test(arguments: [1, 3, 15], [300, 20_000, 300_000])
  func aQuietMemberIsInTheNextGroupOrTheOneAfter(busy: Int, bytes: Int) throws {
    var queue = queue()
    for member in 0..<busy { _ = flood(&queue, try .member(member), .orWaiting, bytes: bytes) }
    for _ in 0..<3 {
      _ = queue.takeGroup(bytes: Intake.groupBytes)
      for member in 0..<busy { _ = flood(&queue, try .member(member), .orWaiting, bytes: bytes) }
    }
    let backlog = queue.load(.orWaiting).count
    offer(&queue, 1, bytes: 500, try .member(busy))
    let group = queue.takeGroup(bytes: Intake.groupBytes).group
    let next = queue.takeGroup(bytes: Intake.groupBytes).group
    #expect((group + next).contains(1))
    #expect(group.count < backlog || bytes * backlog < Intake.groupBytes)
  }

  @Test func busyMembersShareAGroupByBytesNotByBatches() throws {
    var queue = queue()
    let (small, large) = (try Lane.member(0), try Lane.member(1))
    while queue.hasRoom(small, .orRefused) { offer(&queue, 1_000, bytes: 1_000, small) }
    while queue.hasRoom(large, .orRefused) { offer(&queue, 100_000, bytes: 100_000, large) }
    let group = queue.takeGroup(bytes: 2 << 20).group
    let bytes = Dictionary(grouping: group, by: { $0 }).mapValues { $0.reduce(0, +) }
    #expect(abs(bytes[1_000, default: 0] - bytes[100_000, default: 0]) <= Intake.turnBytes + 100_000)
  }

  @Test func theLargestBatchHasItsTurnToo() throws {
    var queue = queue()
    for member in 0..<5 { _ = flood(&queue, try .member(member), .orWaiting, bytes: 1_000) }
    offer(&queue, 1, bytes: 4 << 20, try .member(5))
    var groups = 0
    var found = false
    while !found, groups < 100 {
      found = queue.takeGroup(bytes: Intake.groupBytes).group.contains(1)
      for member in 0..<5 { _ = flood(&queue, try .member(member), .orWaiting, bytes: 1_000) }
      groups += 1
    }
    #expect(groups <= 17)
  }

  @Test func anAdminDoesNotWaitBehindItsMember() throws {
    var queue = queue()
    let member = try MemberID.numbered(0)
    _ = flood(&queue, Lane(member: member, isAdministrative: false), .orRefused, bytes: 1_000)
    _ = flood(&queue, Lane(member: member, isAdministrative: false), .orWaiting, bytes: 1_000)
    offer(&queue, 1, bytes: 500, Lane(member: member, isAdministrative: true))
    let group = queue.takeGroup(bytes: Intake.groupBytes).group
    #expect(group.contains(1))
  }
}
