/// Where an event stands in the log.
package struct EventPlace: Hashable, Sendable {
  /// The position of its batch.
  package let position: UInt64
  /// Its number among the batch's records.
  package let index: UInt32

  /// The record `index` of the batch at `position`.
  package init(position: UInt64, index: UInt32) {
    self.position = position
    self.index = index
  }
}

extension EventPlace: Comparable {
  package static func < (left: EventPlace, right: EventPlace) -> Bool {
    (left.position, left.index) < (right.position, right.index)
  }
}
