import Primitives
import Provenance
import Wire

extension EventQuery {
  /// A page, and where the next one begins: the cursor or last record, in what order, and how many events were given.
  typealias Page = (
    events: [Cairn_V1_RecordedEvent], next: (ordinal: UInt64, time: Instant, given: UInt64)?
  )

  /// The page after the place that a token names, or the first.
  func page(in search: EventSearch, after token: PageToken?) throws -> Page {
    try order.map { try page(by: $0, in: search, after: token) } ?? pageByPlace(in: search, after: token)
  }

  private func page(by order: EventOrder, in search: EventSearch, after token: PageToken?) throws -> Page {
    let ordered = try OrderedEvents(
      search, by: order, isDescending: isDescending, countLimit: countLimit,
      maximumCount: token == nil ? maximumCount : nil)
    let last = try token.map { try ordered.place(of: $0.next, at: $0.time) }
    let page = try ordered.page(after: last, limit: pageSize)
    return (page.events, page.next.map { ($0.place, $0.key.time ?? Instant(microseconds: 0), 0) })
  }

  private func pageByPlace(in search: EventSearch, after token: PageToken?) throws -> Page {
    if let maximumCount, token == nil { try search.refuse(moreThan: maximumCount) }
    let given = token?.given ?? 0
    let room = countLimit.map { Int(clamping: $0 - min($0, given)) } ?? .max
    guard room > 0 else { return ([], nil) }
    let page = try search.page(from: token?.next, limit: min(pageSize, room))
    guard page.events.count < room, let next = page.next else { return (page.events, nil) }
    return (page.events, (next, Instant(microseconds: 0), given + UInt64(page.events.count)))
  }
}

extension EventOrder.Key {
  fileprivate var time: Instant? {
    if case .time(let time) = self { time } else { nil }
  }
}

extension EventSearch {
  /// Throws QUERY_TOO_LARGE where more events match, or where too much would have to be looked at to know.
  fileprivate func refuse(moreThan maximum: Int) throws {
    var count = 0
    let rest = try visit(from: nil, skipping: Self.maxSkippedByAll) { _, _ in
      count += 1
      if count > maximum { throw Self.tooMany(maximum) }
      return true
    }
    guard rest == nil else { throw Self.tooLarge }
  }
}
