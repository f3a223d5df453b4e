import Primitives
import SeededRandom
import Testing

@testable import Ordering

/// Random members come, wait, give up and are served; a plain list of what each has sent says what must come out.
@Suite struct FairQueueModelTests {
  private struct Item: Hashable {
    let number: Int
    let lane: Lane
    let bytes: Int
  }

  private struct Model {
    var queue = FairQueue<Item>(bounds: .init(bytes: 40_000, count: 60), turnBytes: 1_000)
    var random: SplitMix64
    /// What each lane holds in the order it came in, and what waits in the order it was offered.
    var queued: [Lane: [Item]] = [:]
    var waiting: [Lane: [Item]] = [:]
    var number = 0
    var waits = 0

    mutating func offer(_ lane: Lane) {
      number += 1
      let item = Item(number: number, lane: lane, bytes: Int.random(in: 1...4_000, using: &random))
      if Bool.random(using: &random) {
        let hasRoom = queue.hasRoom(lane, .orRefused)
        let isQueued = queue.offer(item, bytes: item.bytes, lane: lane)
        #expect(isQueued == hasRoom)
        if hasRoom { queued[lane, default: []].append(item) }
      } else if queue.offerOrWait(item, bytes: item.bytes, lane: lane) {
        #expect(waiting[lane, default: []].isEmpty, "nobody overtakes those who wait")
        queued[lane, default: []].append(item)
      } else {
        waits += 1
        waiting[lane, default: []].append(item)
      }
    }

    mutating func giveUp(_ lane: Lane) {
      guard let item = waiting[lane, default: []].randomElement(using: &random) else { return }
      let removed = queue.removeWaiting(lane) { $0 == item }
      let again = queue.removeWaiting(lane) { $0 == item }
      #expect(removed == item)
      #expect(again == nil)
      waiting[lane, default: []].removeAll { $0 == item }
    }

    mutating func serve() {
      let (group, entered) = queue.takeGroup(bytes: 8_000)
      for item in group {
        #expect(queued[item.lane]?.first == item)
        queued[item.lane]?.removeFirst()
      }
      for item in entered {
        #expect(waiting[item.lane]?.first == item)
        waiting[item.lane]?.removeFirst()
        queued[item.lane, default: []].append(item)
      }
      let bytes = group.reduce(0) { $0 + $1.bytes }
      #expect(bytes >= 8_000 || queued.values.joined().count == entered.count)
      #expect(bytes < 12_000)
      for (lane, items) in waiting where !items.isEmpty {
        #expect(!queue.hasRoom(lane, .orWaiting), "who waits while there is room waits for ever")
      }
    }

    func check() {
      let all = queued.values.joined()
      for way in [FairQueue<Item>.Way.orRefused, .orWaiting] {
        #expect(queue.load(way).bytes < 44_000)
        #expect(queue.load(way).count <= 60)
      }
      #expect(queue.load(.orRefused).count + queue.load(.orWaiting).count == all.count)
      #expect(queue.load(.orRefused).bytes + queue.load(.orWaiting).bytes == all.reduce(0) { $0 + $1.bytes })
      #expect(queue.isEmpty == all.isEmpty)
      let lanes = Set(queued.filter { !$0.value.isEmpty }.keys).union(waiting.filter { !$0.value.isEmpty }.keys)
      #expect(queue.laneCount == lanes.count)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 20_261_122] as [UInt64])
  func everythingComesOutOnceAndInOrder(seed: UInt64) throws {
    var model = Model(random: SplitMix64(seed: seed))
    let lanes = try (0..<6).map { try Lane.member($0) }
    for _ in 0..<6_000 {
      let lane = lanes[min(Int.random(in: 0..<12, using: &model.random), 5)]
      switch Int.random(in: 0..<20, using: &model.random) {
      case 0..<17: model.offer(lane)
      case 17: model.giveUp(lane)
      default: model.serve()
      }
      model.check()
    }
    #expect(model.waits > 300, "seed \(seed) hardly ever filled the queue")
    while !model.queue.isEmpty {
      model.serve()
      model.check()
    }
    #expect(model.waiting.values.joined().isEmpty)
    #expect(model.queue.laneCount == 0)
  }

  @Test func everybodyWhoWaitsCanBeSentAway() throws {
    var queue = FairQueue<Int>(bounds: .init(bytes: 10, count: 10), turnBytes: 5)
    for number in 0..<40 { _ = queue.offerOrWait(number, bytes: 3, lane: try .member(number % 8)) }
    let queued = queue.load(.orWaiting).count
    #expect(queued > 0)
    let sent = queue.removeAllWaiting()
    #expect(sent.count == 40 - queued)
    let (rest, entered) = queue.takeGroup(bytes: .max)
    #expect(entered.isEmpty)
    #expect(Set(rest).union(sent) == Set(0..<40))
    #expect(queue.laneCount == 0)
  }
}
