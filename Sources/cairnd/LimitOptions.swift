import ArgumentParser
import Ordering
import Primitives

/// How much a node takes from each member and each key.
struct LimitOptions: ParsableArguments {
  @Option(help: "Records a second from all keys of a member together, its admin keys aside. No limit if not given.")
  var memberRecordsPerSecond: Int?

  @Option(help: "The same in bytes of records and headers.")
  var memberBytesPerSecond: Int?

  @Option(help: "Records a second from one key. No limit if not given.")
  var keyRecordsPerSecond: Int?

  @Option(help: "The same in bytes of records and headers.")
  var keyBytesPerSecond: Int?

  /// The limits; fails with the option that is out of range.
  func rateLimits() throws(Failure) -> RateLimits {
    try RateLimits(
      member: .init(records: memberRecordsPerSecond, bytes: memberBytesPerSecond),
      key: .init(records: keyRecordsPerSecond, bytes: keyBytesPerSecond))
  }
}
