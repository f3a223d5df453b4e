extension Array<Posting> {
  /// Sorts by term and ordinal and removes duplicates, about five times as fast as `sort` for hashed terms.
  ///
  /// A stable radix sort over the top bits of the term leaves little to do, because terms are hashes. What
  /// shares those bits (few terms, unless somebody searched for collisions) goes to the comparison sort, so the
  /// worst case stays n log n.
  mutating func sortAndDeduplicate() {
    if count >= 256 {
      let digitBits = count < 1 << 15 ? 8 : 11
      var scratch = [Posting](repeating: Posting(term: 0, ordinal: 0), count: count)
      withUnsafeMutableBufferPointer { postings in
        scratch.withUnsafeMutableBufferPointer { scratch in
          Self.distribute(postings, into: scratch, shift: 64 - 2 * digitBits, bits: digitBits)
          Self.distribute(scratch, into: postings, shift: 64 - digitBits, bits: digitBits)
          Self.finish(postings, shift: 64 - 2 * digitBits)
        }
      }
    } else {
      sort()
    }
    removeAdjacentDuplicates()
  }

  /// One stable counting pass over the digit of `bits` bits at `shift`.
  private static func distribute(
    _ source: UnsafeMutableBufferPointer<Posting>, into target: UnsafeMutableBufferPointer<Posting>, shift: Int,
    bits: Int
  ) {
    let mask = UInt64(1) << UInt64(bits) - 1
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 1 << bits) { positions in
      positions.initialize(repeating: 0)
      for posting in source { positions[Int(posting.term >> UInt64(shift) & mask)] += 1 }
      var total = 0
      for digit in positions.indices {
        let count = positions[digit]
        positions[digit] = total
        total += count
      }
      for posting in source {
        let digit = Int(posting.term >> UInt64(shift) & mask)
        target[positions[digit]] = posting
        positions[digit] += 1
      }
    }
  }

  /// Sorts every group of equal top bits that is out of order.
  private static func finish(_ postings: UnsafeMutableBufferPointer<Posting>, shift: Int) {
    var index = 1
    while index < postings.count {
      guard postings[index] < postings[index - 1] else {
        index += 1
        continue
      }
      let prefix = postings[index].term >> UInt64(shift)
      var start = index - 1
      while start > 0, postings[start - 1].term >> UInt64(shift) == prefix { start -= 1 }
      while index < postings.count, postings[index].term >> UInt64(shift) == prefix { index += 1 }
      postings[start..<index].sort()
    }
  }

  private mutating func removeAdjacentDuplicates() {
    guard var last = first else { return }
    var kept = 1
    for index in 1..<count {
      let posting = self[index]
      if posting == last { continue }
      last = posting
      if kept < index { self[kept] = posting }
      kept += 1
    }
    removeLast(count - kept)
  }
}
