import GRDB
import Primitives
import Synchronization
import Testing

@testable import Store

struct PostingIndexConcurrencyTests {
  /// While one task appends and another merges, readers see all that was appended before they asked.
  @Test func readersSeeWhatWasAppended() async throws {
    let folder = try IndexFolder()
    let index = try PostingIndex(tiny: folder.path(), tablePostings: 500, fanIn: 2)
    let total: UInt64 = 5_000
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await index.run() }
      for reader: UInt64 in 0..<3 {
        group.addTask { try await read(index, reader, total) }
      }
      for start in stride(from: 0, to: total, by: 100) {
        let postings = (start..<start + 100).flatMap { ordinal in
          (0..<3).map { Posting(term: ordinal % 10 + $0 * 1_000, ordinal: ordinal) }
        }
        try index.append(postings, records: start..<start + 100)
        await Task.yield()
      }
      for _ in 0..<3 { try await group.next() }
      group.cancelAll()
    }
    try index.quiesce()
    #expect(try index.verify() == [])
  }

  /// Asks until everything is there; every answer is complete up to what had been appended before.
  private func read(_ index: PostingIndex, _ reader: UInt64, _ total: UInt64) async throws {
    var reached: UInt64 = 0
    while reached < total {
      reached = index.reachedOrdinal
      let answer = try index.ordinals(matching: [3 + reader * 1_000], below: reached, limit: .max)
      #expect(answer == Array(stride(from: 3, to: reached, by: 10)))
      await Task.yield()
    }
  }

  /// Merges may wait for questions, but not until memory is full or every question reads twice as many segments.
  @Test func whatHasWaitedTooLongPilesUp() throws {
    let index = try PostingIndex(tiny: nil, tablePostings: 1, fanIn: 2)
    func append(_ ordinal: UInt64) throws {
      try index.append([Posting(term: 1, ordinal: ordinal)], records: ordinal..<ordinal + 1)
    }
    for ordinal: UInt64 in 0..<3 {
      #expect(!index.isPilingUp)
      try append(ordinal)
      #expect(index.isPilingUp)
      try index.flushOldest()
    }
    try append(3)
    try index.flushOldest()
    #expect(index.isPilingUp)
    try index.quiesce()
    #expect(!index.isPilingUp)
  }

  /// A reader that took its view before a merge can read the merged segments' blocks after it.
  @Test func blocksOutliveTheirSegmentsWhileTheyAreRead() throws {
    let index = try PostingIndex(tiny: nil, tablePostings: 10, fanIn: 2)
    try index.append((0..<19).map { Posting(term: 1, ordinal: $0) }, records: 0..<19)
    _ = try index.step()
    let view = index.state.withLock { $0.segments }
    for start: UInt64 in 19..<400 {
      try index.append([Posting(term: 2, ordinal: start)], records: start..<start + 1)
      try index.quiesce()
    }
    #expect(index.state.withLock { $0.segments }.allSatisfy { $0.id != view[0].id })
    let postings = try index.database.connection.read { try IndexDatabase.postings($0, view[0], block: 0) }
    #expect(postings.count == 10)
  }
}
