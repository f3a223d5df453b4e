/// One line of the item index: the record `ordinal` mentions `term`.
package struct Posting: Hashable, Sendable, Comparable {
  /// The first eight bytes of a hash over what is indexed; two things may share a term.
  package var term: UInt64
  /// The record's running number in the ledger, dense from 0.
  package var ordinal: UInt64

  /// Says that the record `ordinal` mentions `term`.
  package init(term: UInt64, ordinal: UInt64) {
    self.term = term
    self.ordinal = ordinal
  }

  package static func < (left: Posting, right: Posting) -> Bool {
    left.term < right.term || (left.term == right.term && left.ordinal < right.ordinal)
  }
}

extension RandomAccessCollection<Posting> where Index == Int {
  /// The index of the first posting that is not below `posting`; the collection is sorted.
  func lowerBound(_ posting: Posting) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < posting { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
