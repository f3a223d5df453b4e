import GRDB

/// The postings of several sources as one sorted sequence, holding one block of each in memory.
///
/// The sources cover consecutive runs of records, so of two equal terms the earlier source's come first and a
/// whole group of equal terms is taken at once.
struct MergedPostings: Sendable {
  private struct Source: Sendable {
    let segment: Segment?
    var nextBlock = 0
    var postings: [Posting] = []
    var position = 0

    /// Moves to the next block; false when there is none.
    mutating func advance(_ db: Database) throws -> Bool {
      guard let segment, nextBlock < segment.fences.count else { return false }
      postings = try IndexDatabase.postings(db, segment, block: nextBlock)
      nextBlock += 1
      position = 0
      return true
    }

    /// Moves the postings of one term that this block has to the output, as far as there is room; false when the block
    /// is used up.
    mutating func take(_ term: UInt64, into output: UnsafeMutableBufferPointer<Posting>, from start: inout Int) -> Bool
    {
      postings.withUnsafeBufferPointer { postings in
        repeat {
          output[start] = postings[position]
          start += 1
          position += 1
        } while position < postings.count && postings[position].term == term && start < output.count
        return position < postings.count
      }
    }
  }

  private var sources: [Source] = []
  /// The term each source is at, kept apart so that finding the least reads one cache line.
  private var terms: [UInt64] = []

  /// The postings of consecutive segments, then those in memory, which are sorted.
  init(_ segments: [Segment], memory: [Posting] = [], _ db: Database) throws {
    for segment in segments {
      var source = Source(segment: segment)
      if try source.advance(db) { add(source) }
    }
    if !memory.isEmpty { add(Source(segment: nil, postings: memory)) }
  }

  private mutating func add(_ source: Source) {
    sources.append(source)
    terms.append(source.postings[0].term)
  }

  /// Whether everything has been read.
  var isFinished: Bool { sources.isEmpty }

  /// Fills the buffer with the next postings and returns how many there were, fewer only at the end.
  mutating func read(into output: UnsafeMutableBufferPointer<Posting>, _ db: Database) throws -> Int {
    var count = 0
    while count < output.count, !sources.isEmpty {
      let least = leastTerm()
      if try sources[least].take(terms[least], into: output, from: &count) || sources[least].advance(db) {
        terms[least] = sources[least].postings[sources[least].position].term
      } else {
        sources.remove(at: least)
        terms.remove(at: least)
      }
    }
    return count
  }

  private func leastTerm() -> Int {
    var least = 0
    for index in terms.indices.dropFirst() where terms[index] < terms[least] { least = index }
    return least
  }
}
