import Consortium
import Primitives
import Store
import Wire

/// Who receives, how far the common reader of the new log has got for those that have caught up, and what is to be done
/// next. A value behind a lock: nothing here waits or reads.
struct Switchboard: Sendable {
  /// How those are served that have caught up: by index keys alone, or by looking at each record.
  enum Way: CaseIterable, Sendable { case keys, records }

  /// How far the common reader has got in one way.
  struct Front: Sendable {
    /// Records below this were looked at for all who follow.
    var reached: UInt64
    /// The latest whole log that was looked at.
    var settled: LogEnd
    var followers: Set<UInt64> = []
    /// Followers that are to be told when they have caught up.
    var waiting: Set<UInt64> = []
  }

  /// A log's size in entries and in records.
  struct LogEnd: Hashable, Sendable {
    var logSize: UInt64
    var recordCount: UInt64
  }

  var receivers: [UInt64: Receiver] = [:]
  var routes = Routes()
  private var bySubscription: [Int64: UInt64] = [:]
  var fronts: [Way: Front]
  /// Receivers that may have something to do, each once, in turn.
  private var queue: [UInt64] = []
  private var queueHead = 0
  private var nextID: UInt64 = 0
  var turn = 0

  init(_ end: LogEnd) {
    fronts = Dictionary(
      uniqueKeysWithValues: Way.allCases.map { ($0, Front(reached: end.recordCount, settled: end)) })
  }

  /// A number for a call that begins.
  mutating func makeID() -> UInt64 {
    nextID += 1
    return nextID
  }

  /// Whether anybody follows the log.
  var hasFollowers: Bool { fronts.values.contains { !$0.followers.isEmpty } }

  /// The number below which the common reader has looked at everything for everybody who follows.
  func slowest(behind recordCount: UInt64) -> UInt64 {
    fronts.values.lazy.filter { !$0.followers.isEmpty }.map(\.reached).min() ?? recordCount
  }

  func front(_ way: Way) -> Front { fronts[way] ?? Front(reached: 0, settled: .init(logSize: 0, recordCount: 0)) }

  func receiver(of subscription: Int64) -> Receiver? { bySubscription[subscription].flatMap { receivers[$0] } }

  /// Lets a call receive; gives the one whose place it takes.
  mutating func attach(_ id: UInt64, _ receiver: Receiver) -> Receiver? {
    let old = bySubscription[receiver.subscription].flatMap { detach($0) }
    bySubscription[receiver.subscription] = id
    receivers[id] = receiver
    enqueue(id)
    return old
  }

  /// Forgets a call; gives it as it was if it was there.
  @discardableResult
  mutating func detach(_ id: UInt64) -> Receiver? {
    guard let receiver = receivers[id] else { return nil }
    unfollow(id, receiver)
    receivers[id] = nil
    if bySubscription[receiver.subscription] == id { bySubscription[receiver.subscription] = nil }
    return receiver
  }

  /// Forgets the call that receives from a subscription; gives it if there was one.
  mutating func detach(receiverOf subscription: Int64) -> Receiver? {
    bySubscription[subscription].flatMap { detach($0) }
  }

  /// The call took what it was given and is ready for more.
  mutating func written(_ id: UInt64) {
    receivers[id]?.isBusy = false
    enqueue(id)
  }

  /// Whether the record at `place` is in flight to that subscription's receiver, and its number.
  func ordinalInFlight(_ place: RecordPlace, of subscription: Int64) -> UInt64? {
    receiver(of: subscription)?.inFlight.first { $0.place == place }?.ordinal
  }

  mutating func acknowledge(through place: RecordPlace, ordinal: UInt64, of subscription: Int64) {
    guard let id = bySubscription[subscription] else { return }
    receivers[id]?.acknowledge(through: place, ordinal: ordinal)
    enqueue(id)
  }

  /// The subscriptions of which nothing is on its way, and how far the common reader has got for them.
  func idle() -> [Int64: RecordPlace] {
    Dictionary(uniqueKeysWithValues: receivers.values.compactMap(idle))
  }

  /// The same of one; nil where something is on its way.
  func idle(_ receiver: Receiver) -> (subscription: Int64, cursor: RecordPlace)? {
    guard receiver.hasNothingLeft, receiver.inFlight.isEmpty, receiver.page.events.isEmpty else { return nil }
    return (receiver.subscription, RecordPlace(position: front(receiver.way).settled.logSize, index: 0))
  }
}

extension Receiver {
  /// How it is served once it has caught up.
  var way: Switchboard.Way { follower.terms.isEmpty ? .records : .keys }
}

extension Switchboard {
  mutating func enqueue(_ id: UInt64) {
    guard let receiver = receivers[id], !receiver.isQueued, hasWork(receiver) else { return }
    receivers[id]?.isQueued = true
    queue.append(id)
  }

  mutating func dequeue() -> UInt64? {
    guard queueHead < queue.count else { return nil }
    defer {
      queueHead += 1
      if queueHead * 2 >= queue.count {
        queue.removeFirst(queueHead)
        queueHead = 0
      }
    }
    return queue[queueHead]
  }

  /// Without credit nothing is looked at and nothing said, so that what is hidden makes no difference.
  func hasWork(_ receiver: Receiver) -> Bool {
    guard !receiver.isBusy, receiver.credit > 0 else { return false }
    return !receiver.hasNothingLeft || !receiver.page.events.isEmpty || receiver.owesWord && hasCaughtUp(receiver)
  }

  func hasCaughtUp(_ receiver: Receiver) -> Bool {
    let front = front(receiver.way)
    return receiver.hasNothingLeft && front.reached == front.settled.recordCount
      && front.settled.logSize >= receiver.arrivedAt
  }

  mutating func follow(_ id: UInt64, _ receiver: Receiver) {
    routes.add(receiver.follower)
    fronts[receiver.way]?.followers.insert(id)
    fronts[receiver.way]?.waiting.insert(id)
  }

  mutating func unfollow(_ id: UInt64, _ receiver: Receiver) {
    guard fronts[receiver.way]?.followers.remove(id) != nil else { return }
    fronts[receiver.way]?.waiting.remove(id)
    routes.remove(receiver.follower)
  }
}
