/// A record's place in the log.
package struct RecordPlace: Hashable, Sendable, Comparable {
  /// Position of its batch, from 0.
  package let position: UInt64
  /// Index in the batch, from 0.
  package let index: UInt32

  /// The record `index` of the batch at `position`.
  package init(position: UInt64, index: UInt32) {
    self.position = position
    self.index = index
  }

  /// Where every ledger's genesis record stands.
  package static let genesis = RecordPlace(position: 0, index: 0)

  package static func < (left: RecordPlace, right: RecordPlace) -> Bool {
    (left.position, left.index) < (right.position, right.index)
  }
}
