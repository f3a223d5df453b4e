/// The postings of a run of records that no segment holds yet: sorted runs, and a short tail in the order of arrival.
///
/// A value: a reader takes a copy (a few references) and searches it without holding up the writer.
struct Memtable: Sendable {
  /// The tail is searched one by one, so it is sorted into a run of its own before it grows longer.
  static let tailPostings = 4_096

  /// The records covered.
  private(set) var records: Range<UInt64>
  /// What was appended, duplicates included: the table is full by this count, which depends on the log alone.
  private(set) var appendedCount = 0
  /// Sorted; every ordinal of a run is below every ordinal of the next.
  private(set) var runs: [[Posting]] = []
  /// In the order of ordinals, all of them above those of the runs.
  private(set) var tail: [Posting] = []

  /// An empty table for the records from `start` on.
  init(start: UInt64) { records = start..<start }

  /// Adds all postings of some whole records, in the order of their ordinals, and covers the records below `through`.
  mutating func append(_ postings: ArraySlice<Posting>, through: UInt64) {
    tail.append(contentsOf: postings)
    appendedCount += postings.count
    records = records.lowerBound..<through
    guard tail.count >= Self.tailPostings else { return }
    tail.sortAndDeduplicate()
    runs.append(tail)
    tail = []
    tail.reserveCapacity(Self.tailPostings)
  }

  /// How many postings the tail takes before it is sorted; at least one.
  var tailRoom: Int { Self.tailPostings - tail.count }

  /// Forgets some postings, of the records `ordinals`; how full the table is stays as the log says.
  mutating func remove(_ erased: Set<Posting>, _ ordinals: Set<UInt64>) {
    guard ordinals.contains(where: records.contains) else { return }
    for index in runs.indices { runs[index].removeAll { ordinals.contains($0.ordinal) && erased.contains($0) } }
    tail.removeAll { ordinals.contains($0.ordinal) && erased.contains($0) }
  }

  /// Every posting once, sorted: what the table's segment will hold.
  func sorted() -> [Posting] {
    var postings: [Posting] = []
    postings.reserveCapacity(appendedCount)
    for run in runs { postings.append(contentsOf: run) }
    postings.append(contentsOf: tail)
    postings.sortAndDeduplicate()
    return postings
  }

  /// How many postings have `term`, duplicates in the tail included.
  func count(of term: UInt64) -> Int {
    let first = Posting(term: term, ordinal: 0)
    let last = Posting(term: term, ordinal: .max)
    return tail.count { $0.term == term } + runs.reduce(0) { $0 + $1.lowerBound(last) - $1.lowerBound(first) }
  }
}
