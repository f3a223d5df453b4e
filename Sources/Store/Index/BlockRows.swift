import Primitives

/// Which rows of the block table are free. A value: a transaction works on a copy and keeps it when it commits.
struct BlockRows: Sendable {
  /// Highest first, so that the lowest is taken first and the file stays short.
  private var free: [UInt32]
  private var next: UInt32

  /// Every row up to `last` but those in use.
  init(last: UInt32, used: Set<UInt32>) {
    next = last
    free = (0..<last).reversed().map { $0 + 1 }.filter { !used.contains($0) }
  }

  /// A row for a new block.
  mutating func take() throws(Failure) -> UInt32 {
    if let row = free.popLast() { return row }
    guard next < .max else { throw Failure(.exhausted, "INDEX_FULL", "the item index has 2^32 blocks and cannot grow") }
    next += 1
    return next
  }

  /// Gives rows back that nobody reads any more.
  mutating func release(_ rows: some Sequence<UInt32>) {
    free.append(contentsOf: rows)
    free.sort(by: >)
  }

  /// All rows that are free; they are not any more.
  mutating func takeFree() -> [UInt32] {
    defer { free = [] }
    return free
  }
}
