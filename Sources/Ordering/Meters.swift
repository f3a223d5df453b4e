import Primitives

/// The meters of everybody who sent anything lately. A pure value: whoever asks says what time it is, in microseconds.
struct Meters: Sendable {
  /// A batch that would wait longer is refused, also in a stream.
  static let maxWaitMicroseconds: Int64 = 60_000_000

  private let limits: RateLimits
  private var meters: [Payer: Meter] = [:]
  private var sweepAt = 1_024

  init(_ limits: RateLimits) { self.limits = limits }

  /// Payers that are kept in mind: never more than have registered keys, and of those that are idle at most half.
  var count: Int { meters.count }

  /// Charges everyone at once or, with RATE_LIMITED, nobody.
  mutating func charge(_ payers: [Payer], _ cost: Cost, at now: Int64) throws(Failure) {
    let delays = payers.compactMap { payer in meters[payer]?.delay(at: now).map { (payer, $0) } }
    if let (payer, delay) = delays.max(by: { $0.1.microseconds < $1.1.microseconds }) {
      throw Self.refusal(payer, delay)
    }
    for payer in payers { take(payer, cost, at: now) }
  }

  /// Charges one payer in advance; gives the microseconds until the batch may pass. RATE_LIMITED when they are too
  /// many.
  mutating func reserve(_ payer: Payer, _ cost: Cost, at now: Int64) throws(Failure) -> Int64 {
    let delay = meters[payer]?.delay(at: now)
    if let delay, delay.microseconds > Self.maxWaitMicroseconds { throw Self.refusal(payer, delay) }
    take(payer, cost, at: now)
    return delay?.microseconds ?? 0
  }

  /// Gives back what was charged for a batch that was not taken after all.
  mutating func giveBack(_ payers: [Payer], _ cost: Cost, at now: Int64) {
    for payer in payers { meters[payer]?.giveBack(cost, at: now) }
  }

  private mutating func take(_ payer: Payer, _ cost: Cost, at now: Int64) {
    if meters[payer] == nil, meters.count >= sweepAt {
      meters = meters.filter { !$0.value.isFull(at: now) }
      sweepAt = max(1_024, meters.count * 2)
    }
    let full = Meter(rate(of: payer), at: now)
    meters[payer, default: full].take(cost, at: now)
  }

  private func rate(of payer: Payer) -> RateLimits.Rate {
    switch payer {
    case .key: limits.key
    case .member: limits.member
    }
  }

  private static func refusal(_ payer: Payer, _ delay: Meter.Delay) -> Failure {
    let milliseconds = Int((delay.microseconds + 999) / 1_000)
    let (kind, id) =
      switch payer {
      case .key(let id): ("key", id.description)
      case .member(let id): ("member", id.description)
      }
    return Failure(
      .exhausted, "RATE_LIMITED",
      "\(kind) \(id) has used up its \(delay.perSecond) \(delay.resource) a second; send this batch again in "
        + "\(milliseconds) ms",
      metadata: [
        "limit": "\(kind)_\(delay.resource)_per_second", "per_second": String(delay.perSecond), "\(kind)_id": id,
      ],
      retryAfterMilliseconds: milliseconds)
  }
}
