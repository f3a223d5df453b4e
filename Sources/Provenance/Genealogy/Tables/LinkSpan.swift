import Primitives
import Wire

/// A time for which two things were joined, with the events that bound it.
struct LinkSpan {
  let range: Range<Int64>
  let opened: Int
  let closed: Int?
  let quantities: [TraceQuantity]
}

/// What an event says of one pair.
struct PairMention {
  enum Effect { case begins, ends, seen }

  let number: Int
  let time: Int64
  let effect: Effect
  let quantities: [TraceQuantity]
}

/// Works out when a pair was joined, from what events say of it, in their order.
struct SpanBuilder {
  private(set) var spans: [LinkSpan] = []
  /// The events without which the spans would be others.
  private(set) var evidence: [Int] = []
  private var open: (start: Int64, event: Int, amount: Amount)?
  /// When something last ended; the same end said twice is no further link.
  private var end: Int64?
  private let ends: [(time: Int64, number: Int)]
  private var nextEnd = 0

  /// Takes the events that end everything above, in their order.
  init(ends: [(time: Int64, number: Int)]) { self.ends = ends }

  mutating func add(_ mention: PairMention) {
    closeBefore(mention.time)
    switch mention.effect {
    case .begins: begin(mention)
    case .ends: finish(mention)
    case .seen where open == nil: appendInstant(mention)
    case .seen: break
    }
  }

  /// The spans, after the last mention.
  mutating func finished() -> [LinkSpan] {
    closeBefore(.max)
    if let open {
      spans.append(
        LinkSpan(range: open.start ..< .max, opened: open.event, closed: nil, quantities: open.amount.quantities))
    }
    return spans
  }

  /// What ends everything, up to and including a time.
  private mutating func closeBefore(_ time: Int64) {
    guard let start = open?.start else { return }
    while nextEnd < ends.count, ends[nextEnd].time <= start { nextEnd += 1 }
    guard nextEnd < ends.count, ends[nextEnd].time <= time else { return }
    close(at: ends[nextEnd].time, by: ends[nextEnd].number)
    open = nil
    end = ends[nextEnd].time
  }

  private mutating func begin(_ mention: PairMention) {
    guard let open else {
      self.open = (mention.time, mention.number, Amount(mention.quantities))
      evidence.append(mention.number)
      return
    }
    change(to: open.amount.adding(mention.quantities), mention)
  }

  private mutating func finish(_ mention: PairMention) {
    guard let open else {
      if end != mention.time { appendInstant(mention) }
      return
    }
    if let rest = open.amount.subtracting(mention.quantities) { return change(to: rest, mention) }
    close(at: mention.time, by: mention.number)
    self.open = nil
    end = mention.time
  }

  private mutating func change(to amount: Amount, _ mention: PairMention) {
    guard let open, amount != open.amount else { return }
    close(at: mention.time, by: mention.number)
    self.open = (mention.time, mention.number, amount)
  }

  private mutating func close(at time: Int64, by number: Int) {
    evidence.append(number)
    guard let open, open.start < time else { return }
    spans.append(
      LinkSpan(range: open.start..<time, opened: open.event, closed: number, quantities: open.amount.quantities))
  }

  private mutating func appendInstant(_ mention: PairMention) {
    guard spans.last?.range.lowerBound != mention.time else { return }
    evidence.append(mention.number)
    spans.append(
      LinkSpan(
        range: .at(mention.time), opened: mention.number, closed: nil, quantities: Amount(mention.quantities).quantities
      ))
  }
}
