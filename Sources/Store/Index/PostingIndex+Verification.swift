import Foundation
import GRDB
package import Primitives
import Signing
import Synchronization

extension PostingIndex {
  /// SHA-256 over every posting in order, `u64 term ‖ u64 ordinal` big-endian: equal logs give equal digests, whatever is
  /// in segments and whatever in memory. Reads the whole index.
  package func digest() throws(Failure) -> Digest {
    let state = self.state.withLock { $0 }
    let memory = state.tables.flatMap { $0.sorted() }.sorted()
    return try Failure.index {
      try withExtendedLifetime(state) {
        try database.connection.read { db in
          var merged = try MergedPostings(state.segments, memory: memory, db)
          var hasher = SHA256()
          var postings = [Posting](repeating: Posting(term: 0, ordinal: 0), count: 1 << 12)
          while !merged.isFinished {
            let count = try postings.withUnsafeMutableBufferPointer { try merged.read(into: $0, db) }
            for index in 0..<count {
              postings[index] = Posting(
                term: postings[index].term.bigEndian, ordinal: postings[index].ordinal.bigEndian)
            }
            postings[..<count].withUnsafeBytes { hasher.update($0) }
          }
          return hasher.finalize()
        }
      }
    }
  }

  /// Reads every block again and names what is broken, one line each; nothing for a sound index.
  package func verify() throws(Failure) -> [String] {
    do {
      return try database.connection.read { db in
        try IndexDatabase.segments(db).flatMap { try Self.problems(of: $0, db) }
      }
    } catch {
      let failure = Failure(index: error)
      guard failure.kind == .corrupt else { throw failure }
      return [failure.message]
    }
  }

  private static func problems(of segment: Segment, _ db: Database) throws -> [String] {
    var problems: [String] = []
    var last: Posting?
    var count = 0
    for block in segment.fences.indices {
      do {
        let postings = try IndexDatabase.postings(db, segment, block: block)
        if segment.fences[block].filter != SegmentWriter.filter(postings, level: segment.level) {
          problems.append("\(segment), block \(block): the filter is not that of the postings")
        }
        for posting in postings {
          if let last, posting <= last { problems.append("\(segment), block \(block): \(posting) is out of order") }
          if !segment.records.contains(posting.ordinal) {
            problems.append("\(segment), block \(block): record \(posting.ordinal) is not the segment's")
          }
          last = posting
        }
        count += postings.count
      } catch {
        let failure = Failure(index: error)
        guard failure.kind == .corrupt else { throw failure }
        problems.append(failure.message)
      }
    }
    if problems.isEmpty, count != segment.postingCount {
      problems.append("\(segment): \(count) postings instead of \(segment.postingCount)")
    }
    return problems
  }
}
