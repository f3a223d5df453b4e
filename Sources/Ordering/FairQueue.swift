import Primitives

/// One member's way in. Its admin keys have a way of their own, so that a stolen device key can be revoked while it
/// floods.
struct Lane: Hashable, Sendable {
  let member: MemberID
  let isAdministrative: Bool
}

/// Queues by member, emptied in turns: whoever sends much waits behind itself. A pure value; order is kept within a
/// lane.
///
/// There are two ways in, for those who wait until there is room and for those who are refused, each with bounds of
/// its own, so that neither shuts the other out. In each, a lane may hold as much as is still free: one busy member
/// gets half, two get a third each, and there is always room for the next one.
struct FairQueue<Element> {
  /// How an element came in.
  enum Way { case orRefused, orWaiting }

  /// Bytes and elements.
  struct Load: Hashable, Sendable {
    var bytes = 0
    var count = 0

    fileprivate mutating func add(_ entry: Entry) { self = Load(bytes: bytes + entry.bytes, count: count + 1) }
    fileprivate mutating func remove(_ entry: Entry) { self = Load(bytes: bytes - entry.bytes, count: count - 1) }
  }

  /// What came in by each way.
  private struct Loads {
    private var refused = Load()
    private var waiting = Load()

    subscript(way: Way) -> Load {
      get { way == .orRefused ? refused : waiting }
      set { if way == .orRefused { refused = newValue } else { waiting = newValue } }
    }
  }

  fileprivate struct Entry {
    let element: Element
    let bytes: Int
    let way: Way
  }

  private struct Queue {
    var queued = FIFO<Entry>()
    var waiting = FIFO<Entry>()
    var loads = Loads()
    /// Bytes it may still give to a group in its current turn.
    var credit: Int
  }

  /// What each way may hold; the last element may reach beyond the bytes.
  let bounds: Load
  /// Bytes that a lane's credit grows by with each turn.
  let turnBytes: Int

  private var queues: [Lane: Queue] = [:]
  private var loads = Loads()
  /// Lanes with queued elements, the one whose turn it is first.
  private var turns = FIFO<Lane>()
  /// Lanes with waiting elements, the one that is next to get room first.
  private var waitingTurns = FIFO<Lane>()

  init(bounds: Load, turnBytes: Int) {
    self.bounds = bounds
    self.turnBytes = max(turnBytes, 1)
  }

  /// Whether nothing is queued. Then nothing waits either, since an empty queue has room for every lane.
  var isEmpty: Bool { turns.isEmpty }
  /// Lanes that hold or wait for anything.
  var laneCount: Int { queues.count }

  /// What is queued by that way.
  func load(_ way: Way) -> Load { loads[way] }

  /// Whether the lane gets another element in by that way.
  func hasRoom(_ lane: Lane, _ way: Way) -> Bool {
    let (whole, own) = (load(way), queues[lane]?.loads[way] ?? Load())
    return own.bytes < bounds.bytes - whole.bytes && own.count < bounds.count - whole.count
  }

  /// Queues an element if there is room.
  mutating func offer(_ element: Element, bytes: Int, lane: Lane) -> Bool {
    guard hasRoom(lane, .orRefused) else { return false }
    enter(Entry(element: element, bytes: bytes, way: .orRefused), lane)
    return true
  }

  /// Queues an element if there is room, else lets it wait for it; whether it is queued.
  mutating func offerOrWait(_ element: Element, bytes: Int, lane: Lane) -> Bool {
    let entry = Entry(element: element, bytes: bytes, way: .orWaiting)
    if hasRoom(lane, .orWaiting) {
      enter(entry, lane)
      return true
    }
    if queues[lane]?.waiting.isEmpty ?? true { waitingTurns.append(lane) }
    queues[lane, default: Queue(credit: turnBytes)].waiting.append(entry)
    return false
  }

  /// Takes out about `limit` bytes, by deficit round robin; `entered` are those that waited and are queued now.
  mutating func takeGroup(bytes limit: Int) -> (group: [Element], entered: [Element]) {
    var group: [Element] = []
    var bytes = 0
    while bytes < limit, let lane = turns.first {
      guard let entry = takeTurn(lane) else { continue }
      group.append(entry.element)
      bytes += entry.bytes
    }
    return (group, enterWaiting())
  }

  /// Takes back an element that waits.
  mutating func removeWaiting(_ lane: Lane, where fits: (Element) -> Bool) -> Element? {
    guard let removed = queues[lane]?.waiting.removeFirst(where: { fits($0.element) }) else { return nil }
    if queues[lane]?.waiting.isEmpty ?? true { _ = waitingTurns.removeFirst { $0 == lane } }
    forgetIfIdle(lane)
    return removed.element
  }

  /// Takes back everything that waits.
  mutating func removeAllWaiting() -> [Element] {
    var removed: [Element] = []
    while let lane = waitingTurns.popFirst() {
      while let entry = queues[lane]?.waiting.popFirst() { removed.append(entry.element) }
      forgetIfIdle(lane)
    }
    return removed
  }

  /// The lane's next element if its credit covers it; else its turn ends.
  private mutating func takeTurn(_ lane: Lane) -> Entry? {
    guard let place = queues.index(forKey: lane), let next = queues.values[place].queued.first else {
      _ = turns.popFirst()
      return nil
    }
    guard next.bytes <= queues.values[place].credit else {
      queues.values[place].credit += turnBytes
      _ = turns.popFirst()
      turns.append(lane)
      return nil
    }
    _ = queues.values[place].queued.popFirst()
    queues.values[place].credit -= next.bytes
    queues.values[place].loads[next.way].remove(next)
    loads[next.way].remove(next)
    if queues.values[place].queued.isEmpty {
      queues.values[place].credit = turnBytes
      _ = turns.popFirst()
      if queues.values[place].waiting.isEmpty { queues.remove(at: place) }
    }
    return next
  }

  /// Gives the room there is to those who wait for it, lane by lane.
  private mutating func enterWaiting() -> [Element] {
    var entered: [Element] = []
    var stuck = FIFO<Lane>()
    while let lane = waitingTurns.popFirst() {
      guard hasRoom(lane, .orWaiting) else {
        stuck.append(lane)
        continue
      }
      guard let entry = queues[lane]?.waiting.popFirst() else { continue }
      enter(entry, lane)
      entered.append(entry.element)
      if queues[lane]?.waiting.isEmpty == false { waitingTurns.append(lane) }
    }
    waitingTurns = stuck
    return entered
  }

  private mutating func enter(_ entry: Entry, _ lane: Lane) {
    if queues[lane]?.queued.isEmpty ?? true { turns.append(lane) }
    queues[lane, default: Queue(credit: turnBytes)].queued.append(entry)
    queues[lane]?.loads[entry.way].add(entry)
    loads[entry.way].add(entry)
  }

  private mutating func forgetIfIdle(_ lane: Lane) {
    guard let queue = queues[lane], queue.queued.isEmpty, queue.waiting.isEmpty else { return }
    queues[lane] = nil
  }
}
