package import Foundation
package import Ledger
import Merkle
package import Primitives

extension Store {
  /// Opens the item index beside the ledger and brings it up to the log's end. An index that is foreign, ahead of the log,
  /// or was found broken is made anew: everything in it follows from the log. Its blocks are checked when they are read.
  package func openIndex() throws(Failure) -> PostingIndex {
    let state = try readNow { try $0.state() }
    do throws(Failure) {
      if let kept = try keptIndex(directory.index, of: state) {
        try feed(kept, upTo: state.recordCount)
        return kept
      }
    } catch { guard error.reason == "INDEX_CORRUPT" else { throw error } }
    try Self.removeDatabase(directory.index)
    let index = try PostingIndex(path: directory.index.path, ledger: state.ledgerID)
    try index.follow(redactions: try readNow { try $0.redactionCount() })
    try feed(index, upTo: state.recordCount)
    return index
  }

  /// An index on disk; nil, and closed again, where it is of no use.
  func keptIndex(
    _ url: URL, of state: LedgerState, tablePostings: Int = PostingIndex.standardTablePostings
  ) throws(Failure) -> PostingIndex? {
    let path = url.path
    if FileManager.default.fileExists(atPath: path + PostingIndex.brokenSuffix) { return nil }
    do throws(Failure) {
      let index = try PostingIndex(path: path, ledger: state.ledgerID, tablePostings: tablePostings)
      guard index.coveredOrdinal <= state.recordCount, try hasFollowed(index) else { return nil }
      return index
    } catch {
      guard error.reason == "INDEX_CORRUPT" else { throw error }
      return nil
    }
  }

  /// Whether the index has forgotten all that was erased, to the last copy in its file.
  func hasFollowed(_ index: PostingIndex) throws(Failure) -> Bool {
    try index.followedRedactions() == readNow { try $0.redactionCount() }
  }

  /// Deletes a database, its journal files and the note that it is broken, which goes last: a crash leaves it in force.
  static func removeDatabase(_ url: URL) throws(Failure) {
    for suffix in ["", "-wal", "-shm", PostingIndex.brokenSuffix]
    where FileManager.default.fileExists(atPath: url.path + suffix) {
      try Failure.mapping { try FileManager.default.removeItem(atPath: url.path + suffix) }
    }
  }

  /// Feeds the index from the record it has reached to the record `recordCount`, batch by batch.
  package func feed(_ index: PostingIndex, upTo recordCount: UInt64) throws(Failure) {
    while index.reachedOrdinal < recordCount {
      let reached = index.reachedOrdinal
      let page = try readNow { reader in
        guard let first = try reader.chunk(containing: reached) else { throw LedgerReader.corrupt("record \(reached)") }
        return try reader.entries(from: first.position, limit: 8).map { entry in
          let records = try reader.records(of: entry)
          return (entry, records, try reader.recordIDs(of: entry, records: records))
        }
      }
      for (entry, records, ids) in page {
        let header = try BatchHeader(try LogEntry(entry.bytes).header)
        try index.append(
          Admission.postings(header: header, records: records, recordIDs: ids), entry: entry.bytes,
          firstOrdinal: entry.firstOrdinal,
          recordCount: entry.recordCount)
      }
    }
  }

  /// An author's batch by its sequence number, within the view; nil when there is none.
  package func batch(
    _ sequence: UInt64, of author: KeyID, in view: LedgerView, index: PostingIndex
  ) async throws(Failure) -> RecordedBatch? {
    try await batch(.sequence(sequence, of: author), in: view, index: index) {
      $0.header.sequence == sequence && $0.header.authorKeyID == author
    }
  }

  /// The first batch that the index finds under `term` and that `matches`.
  package func batch(
    _ term: Term, in view: LedgerView, index: PostingIndex, matches: @escaping @Sendable (RecordedBatch) -> Bool
  ) async throws(Failure) -> RecordedBatch? {
    let candidates = try index.ordinals(matching: [term.rawValue], below: view.recordCount, limit: 16)
    return try await read { reader in
      for ordinal in candidates {
        if let batch = try reader.batch(holding: ordinal), matches(batch) { return batch }
      }
      return nil
    }
  }
}

extension PostingIndex {
  /// Adds what leads to a batch in the log and to its records.
  package func append(
    _ postings: [RelativePosting], entry: Data, firstOrdinal: UInt64, recordCount: Int
  ) throws(Failure) {
    let byEntry = RelativePosting(.entry(MerkleTree.leafHash(entry)), 0)
    let absolute = ([byEntry] + postings).map { posting in
      Posting(term: posting.term.rawValue, ordinal: firstOrdinal + UInt64(posting.index))
    }
    try append(absolute, records: firstOrdinal..<firstOrdinal + UInt64(recordCount))
  }
}
