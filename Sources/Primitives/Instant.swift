/// A point in time: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Instant: Hashable, Sendable, Comparable {
  /// Microseconds since the Unix epoch.
  package let microseconds: Int64

  /// The instant `microseconds` after the Unix epoch.
  package init(microseconds: Int64) { self.microseconds = microseconds }

  package static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

  /// 0001-01-01T00:00:00Z, the earliest time a record may carry.
  package static let earliest = Instant(microseconds: -62_135_596_800_000_000)
  /// 9999-12-31T23:59:59.999999Z, the latest time a record may carry.
  package static let latest = Instant(microseconds: 253_402_300_799_999_999)
}
