import GRDB

/// Walks the ordinals of one term in one segment, in either direction, a block at a time.
struct TermCursor {
  private let term: UInt64
  private let segment: Segment
  private let window: Range<UInt64>
  private let order: PostingIndex.Order
  /// The blocks to be read.
  private var blocks: Range<Int>
  /// What is left of the block that was read, in the direction of travel.
  private var ordinals: ArraySlice<UInt64> = []

  init(_ term: UInt64, in segment: Segment, window: Range<UInt64>, order: PostingIndex.Order) {
    self.term = term
    self.segment = segment
    self.window = window
    self.order = order
    blocks = segment.blocks(of: term, in: window)
  }

  /// The next ordinal inside the window, or nil at the end.
  mutating func next(_ db: Database) throws -> UInt64? {
    while ordinals.isEmpty {
      guard let block = order == .oldestFirst ? blocks.popFirst() : blocks.popLast() else { return nil }
      guard segment.fences[block].filter.canHave(term) else { continue }
      let visit = Segment.Visit(segment: segment, block: block, terms: 0..<1)
      let found = try IndexDatabase.finds(db, visit, [term]).map(\.ordinal).filter(window.contains)
      ordinals = ArraySlice(order == .oldestFirst ? found : found.reversed())
    }
    return ordinals.popFirst()
  }
}
