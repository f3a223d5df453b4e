import Consortium
import Wire

extension Switchboard {
  /// A record that may be for a follower.
  struct Hit: Sendable {
    let follower: UInt64
    let ordinal: UInt64
  }

  /// What to do next.
  enum Job: Sendable {
    /// Look at the new records for all who follow.
    case advance(Way, from: UInt64)
    /// Look for one receiver's next page.
    case search(Search)
  }

  /// One receiver's next look at the log.
  struct Search: Sendable {
    let id: UInt64
    let caller: Caller
    let follower: Routes.Follower
    let phase: Receiver.Phase
    let end: UInt64
    let limit: Int
    let page: SubscriptionPage
  }

  /// The next job, the common reader's and the receivers' in turn; nil when everybody has what there is.
  mutating func nextJob(_ end: LogEnd) -> Job? {
    for way in Way.allCases where front(way).followers.isEmpty { reach(end.recordCount, of: way, in: end) }
    for _ in 0...Way.allCases.count {
      turn = (turn + 1) % (Way.allCases.count + 1)
      if turn == Way.allCases.count {
        if let search = nextSearch() { return .search(search) }
      } else if case let front = front(Way.allCases[turn]), front.reached < end.recordCount {
        return .advance(Way.allCases[turn], from: front.reached)
      }
    }
    return nil
  }

  private mutating func nextSearch() -> Search? {
    while let id = dequeue() {
      receivers[id]?.isQueued = false
      guard let receiver = receivers[id], hasWork(receiver) else { continue }
      receivers[id]?.isBusy = true
      return Search(
        id: id, caller: receiver.caller, follower: receiver.follower, phase: receiver.phase,
        end: front(receiver.way).reached, limit: receiver.credit, page: receiver.page)
    }
    return nil
  }

  /// The common reader has looked at the records below `ordinal`; these may be for somebody.
  mutating func advanced(_ way: Way, to ordinal: UInt64, in end: LogEnd, hits: [Hit]) {
    for hit in hits {
      guard let receiver = receivers[hit.follower], receiver.isFollowing else { continue }
      if receivers[hit.follower]?.add(candidate: hit.ordinal) == false { search(hit.follower, ordinal) }
      enqueue(hit.follower)
    }
    reach(ordinal, of: way, in: end)
  }

  /// The common reader cannot go on: everybody searches from where it stands, and it begins anew at the log's end.
  mutating func scatter(_ way: Way, in end: LogEnd) {
    for id in front(way).followers { search(id, front(way).reached) }
    reach(end.recordCount, of: way, in: end)
  }

  /// Lets a follower search for itself, from its first candidate or from `ordinal` on.
  private mutating func search(_ id: UInt64, _ ordinal: UInt64) {
    guard let receiver = receivers[id], case .following(let candidates) = receiver.phase else { return }
    unfollow(id, receiver)
    receivers[id]?.phase = .searching(from: candidates.first ?? ordinal)
    enqueue(id)
  }

  /// What a search found, and that it has looked at all records below `through`. Gives what the receiver is told now, if
  /// anything: it is not searched for again before it has taken that.
  mutating func found(_ search: Search, _ page: SubscriptionPage, through: UInt64, logSize: UInt64) -> Delivery? {
    guard var receiver = receivers[search.id] else { return nil }
    switch receiver.phase {
    case .following(let candidates): receiver.phase = .following(candidates: Array(candidates.drop { $0 < through }))
    case .searching(let start) where max(start, through) >= front(receiver.way).reached:
      receiver.phase = .following(candidates: [])
      follow(search.id, receiver)
    case .searching(let start): receiver.phase = .searching(from: max(start, through))
    }
    let isFull = page.isFull(search.limit)
    let isCaughtUp = !isFull && hasCaughtUp(receiver)
    // What is hidden does not divide a page: it is given out when it is full, when there is no more, or, where the index
    // does not help, after so many records whatever they are.
    let isDue = isFull || receiver.hasNothingLeft || receiver.way == .records && !receiver.isFollowing
    receiver.page = page
    let delivery = isDue ? receiver.deliver(isCaughtUp: isCaughtUp, logSize: logSize) : nil
    receiver.isBusy = delivery != nil
    receivers[search.id] = receiver
    if receiver.isFollowing {
      if receiver.owesWord {
        fronts[receiver.way]?.waiting.insert(search.id)
      } else {
        fronts[receiver.way]?.waiting.remove(search.id)
      }
    }
    enqueue(search.id)
    return delivery
  }

  private mutating func reach(_ ordinal: UInt64, of way: Way, in end: LogEnd) {
    fronts[way]?.reached = ordinal
    guard ordinal == end.recordCount else { return }
    fronts[way]?.settled = end
    for id in front(way).waiting { enqueue(id) }
  }
}
