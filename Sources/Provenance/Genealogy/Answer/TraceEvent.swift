package import Primitives

/// An event of a trace.
package struct TraceEvent: Hashable, Sendable {
  /// Whether an event counts.
  package enum Standing: UInt8, Hashable, Sendable, CaseIterable {
    /// It counts.
    case effective
    /// A declaration of error withdrew it: it is listed and joins nothing.
    case withdrawn
    /// It is such a declaration: it is listed and joins nothing.
    case declaration
  }

  /// Where it stands in the log.
  package let place: EventPlace
  /// When it happened.
  package let time: Instant
  /// Whether it counts.
  package let standing: Standing

  /// An event by its place.
  package init(place: EventPlace, time: Instant, standing: Standing) {
    self.place = place
    self.time = time
    self.standing = standing
  }
}
