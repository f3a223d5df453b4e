package import Primitives

/// How much this node takes from each key and each member: a setting of the node, not of the ledger. None by default.
package struct RateLimits: Hashable, Sendable {
  /// What may come in each second on average; nil means no limit. A key or member that was quiet may send five
  /// seconds' worth at once, and one batch always passes whole.
  package struct Rate: Hashable, Sendable {
    /// Records a second.
    package var records: Int?
    /// Bytes of records and headers a second.
    package var bytes: Int?

    /// A limit of records, bytes, both or neither.
    package init(records: Int? = nil, bytes: Int? = nil) {
      self.records = records
      self.bytes = bytes
    }

    var isUnlimited: Bool { records == nil && bytes == nil }
  }

  /// For all keys of a member together, its admin keys aside: they must stay able to revoke a key that uses
  /// everything up.
  package let member: Rate
  /// For each key, admin keys included.
  package let key: Rate

  /// Limits by member and by key; malformed INVALID_RATE unless each is 1 to 10,000,000,000. Field paths name `cairnd
  /// serve`'s options.
  package init(member: Rate = Rate(), key: Rate = Rate()) throws(Failure) {
    let rates = [
      ("--member-records-per-second", member.records), ("--member-bytes-per-second", member.bytes),
      ("--key-records-per-second", key.records), ("--key-bytes-per-second", key.bytes),
    ]
    for (option, rate) in rates {
      guard let rate, !(1...Int(TokenBucket.maxPerSecond)).contains(rate) else { continue }
      throw .malformed("INVALID_RATE", field: option, "\(rate); 1 to \(TokenBucket.maxPerSecond) expected")
    }
    self.member = member
    self.key = key
  }

  private init() { (member, key) = (Rate(), Rate()) }

  /// No limits.
  package static let none = RateLimits()
}
