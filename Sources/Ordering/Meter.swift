import Primitives

/// What a batch costs.
struct Cost: Hashable, Sendable {
  let records: Int64
  let bytes: Int64
}

/// Who is charged for a batch.
enum Payer: Hashable, Sendable {
  case key(KeyID), member(MemberID)
}

/// One payer's buckets.
struct Meter: Hashable, Sendable {
  private var records: TokenBucket?
  private var bytes: TokenBucket?

  init(_ rate: RateLimits.Rate, at now: Int64) {
    records = rate.records.map { TokenBucket(perSecond: Int64($0), at: now) }
    bytes = rate.bytes.map { TokenBucket(perSecond: Int64($0), at: now) }
  }

  /// What holds the next batch up: the limit that is used up longer, and for how many microseconds.
  struct Delay {
    let resource: String
    let perSecond: Int64
    let microseconds: Int64
  }

  func delay(at now: Int64) -> Delay? {
    let delays = [("records", records), ("bytes", bytes)].compactMap { resource, bucket -> Delay? in
      guard let bucket, case let wait = bucket.wait(at: now), wait > 0 else { return nil }
      return Delay(resource: resource, perSecond: bucket.perSecond, microseconds: wait)
    }
    return delays.max { $0.microseconds < $1.microseconds }
  }

  mutating func take(_ cost: Cost, at now: Int64) {
    records?.take(cost.records, at: now)
    bytes?.take(cost.bytes, at: now)
  }

  mutating func giveBack(_ cost: Cost, at now: Int64) {
    records?.giveBack(cost.records, at: now)
    bytes?.giveBack(cost.bytes, at: now)
  }

  func isFull(at now: Int64) -> Bool { (records?.isFull(at: now) ?? true) && (bytes?.isFull(at: now) ?? true) }
}
