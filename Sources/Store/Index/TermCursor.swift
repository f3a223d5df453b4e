import GRDB

/// Walks the ordinals of one term in one segment, in either direction, a block at a time.
struct TermCursor {
  private let term: UInt64
  private let segment: Segment
  private let window: Range<UInt64>
  private let order: PostingIndex.Order
  /// The block to be read, or the one that was.
  private var block: Int?
  private var postings: [Posting] = []
  private var position = 0

  init(_ term: UInt64, in segment: Segment, window: Range<UInt64>, order: PostingIndex.Order) {
    self.term = term
    self.segment = segment
    self.window = window
    self.order = order
    let start = order == .oldestFirst ? window.lowerBound : window.upperBound - 1
    block = segment.block(containing: Posting(term: term, ordinal: start))
  }

  /// The next ordinal inside the window, or nil at the end.
  mutating func next(_ db: Database) throws -> UInt64? {
    guard let block else { return nil }
    if postings.isEmpty {
      postings = try IndexDatabase.postings(db, segment, block: block)
      position = order == .oldestFirst ? index(window.lowerBound) : index(window.upperBound) - 1
    } else if !postings.indices.contains(position) {
      guard let neighbour = neighbour(of: block) else { return finish() }
      self.block = neighbour
      postings = try IndexDatabase.postings(db, segment, block: neighbour)
      position = order == .oldestFirst ? 0 : postings.count - 1
    }
    guard postings.indices.contains(position) else { return try next(db) }
    let posting = postings[position]
    guard posting.term == term, window.contains(posting.ordinal) else { return finish() }
    position += order == .oldestFirst ? 1 : -1
    return posting.ordinal
  }

  private func index(_ ordinal: UInt64) -> Int { postings.lowerBound(Posting(term: term, ordinal: ordinal)) }

  /// The block after this one in the direction of travel, if it can have the term: the fences tell.
  private func neighbour(of block: Int) -> Int? {
    switch order {
    case .oldestFirst:
      let next = block + 1
      return next < segment.fences.count && segment.fences[next].first.term == term ? next : nil
    case .newestFirst:
      return block > 0 && segment.fences[block].first.term == term ? block - 1 : nil
    }
  }

  private mutating func finish() -> UInt64? {
    block = nil
    return nil
  }
}
