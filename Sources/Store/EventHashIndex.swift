package import Foundation
import Ledger
package import Primitives
package import Provenance
import SwiftProtobuf
import Synchronization
import Wire

/// Which records hold an event of a given CBV hash: an item index of its own, made behind the log.
///
/// A hash costs more than all else that is done to a record on its way in, and few ask for one; so it is computed when
/// the node has nothing better to do, not at admission. Whoever asks computes what is not in the index yet.
package final class EventHashIndex: Sendable {
  /// Records that one step takes in unless told otherwise: some milliseconds.
  package static let stepRecords: UInt64 = 64
  /// Records that the index may be behind the log for a question to compute their hashes itself.
  package static let maxBehind: UInt64 = 10_000
  /// Postings in memory; a restart computes so many hashes again at most.
  static let tablePostings = 1 << 15

  /// Where the postings are, by `Term.eventHash`.
  package let postings: PostingIndex
  /// Held while records are read and what was computed of them is added, and while an erased one is forgotten: a step
  /// that read a record before it was erased is then done before it is forgotten.
  private let order = Mutex<Void>(())

  init(_ postings: PostingIndex) { self.postings = postings }

  /// The records below this are in the index.
  package var reachedOrdinal: UInt64 { postings.reachedOrdinal }

  /// Takes in at least so many of the records below `end`, to the end of the last one's chunk; false when it has them all.
  package func step(
    over store: Store, upTo end: UInt64, records count: UInt64 = stepRecords
  ) throws(Failure) -> Bool {
    try order.withLock { _ throws(Failure) in
      let reached = postings.reachedOrdinal
      guard reached < end else { return false }
      let (records, next) = try store.readNow { reader in
        var records: [(ordinal: UInt64, bytes: Data)] = []
        var next = reached
        while next < end, next - reached < count {
          guard let chunk = try reader.chunk(containing: next), chunk.contains(next) else {
            throw LedgerReader.corrupt("record \(next)")
          }
          let last = min(end, chunk.firstOrdinal + UInt64(chunk.records.count))
          records += (next..<last).map { ($0, chunk.record($0).bytes) }
          next = last
        }
        return (records, next)
      }
      let found = records.flatMap { record in
        Self.hashes(of: record.bytes).map { Posting(term: Term.eventHash($0).rawValue, ordinal: record.ordinal) }
      }
      try postings.append(found, records: reached..<next)
      return next < end
    }
  }

  /// Forgets what erased records had, as the item index does.
  func erase(_ erased: [Posting], redactions: Int) throws(Failure) {
    try order.withLock { _ throws(Failure) in try postings.erase(erased, redactions: redactions) }
  }

  /// The hashes of the event in a record; none where there is no event, or nothing any more.
  package static func hashes(of record: Data) -> [EventHash] {
    guard !record.isEmpty, let wire = try? Cairn_V1_Record(serializedBytes: record),
      case .event(let event)? = wire.provenance.statement
    else { return [] }
    return EventHash.all(of: event)
  }
}

extension Store {
  /// Opens the index of event hashes as far as it was made; one that is of no use is made anew, from the beginning.
  package func openEventHashes() throws(Failure) -> EventHashIndex {
    let state = try readNow { try $0.state() }
    if let kept = try keptIndex(directory.hashes, of: state, tablePostings: EventHashIndex.tablePostings) {
      return EventHashIndex(kept)
    }
    try Self.removeDatabase(directory.hashes)
    let postings = try PostingIndex(
      path: directory.hashes.path, ledger: state.ledgerID, tablePostings: EventHashIndex.tablePostings)
    try postings.follow(redactions: try readNow { try $0.redactionCount() })
    return EventHashIndex(postings)
  }

  /// Makes the index of event hashes forget what led to records that were erased.
  package func erase(_ erased: [Posting]?, from hashes: EventHashIndex) throws(Failure) {
    guard let erased else { return }
    try hashes.erase(erased, redactions: try readNow { try $0.redactionCount() })
  }

  /// What is wrong with the file of event hashes, compared with hashes computed anew.
  func brokenEventHashes(_ state: LedgerState) throws(Failure) -> [String] {
    guard FileManager.default.fileExists(atPath: directory.hashes.path) else { return [] }
    return try comparing(directory.hashes, with: "check-hashes.db") { url throws(Failure) in
      let index = try PostingIndex(path: directory.hashes.path, ledger: state.ledgerID)
      guard try hasFollowed(index) else { return [] }
      let broken = try index.verify()
      guard broken.isEmpty, try index.digest() != eventHashes(upTo: index.coveredOrdinal, at: url, of: state) else {
        return broken
      }
      return ["its postings are not what the log gives"]
    }
  }

  private func eventHashes(upTo end: UInt64, at url: URL, of state: LedgerState) throws(Failure) -> Digest {
    let fresh = EventHashIndex(try PostingIndex(path: url.path, ledger: state.ledgerID))
    while try fresh.step(over: self, upTo: min(end, state.recordCount)) {}
    return try fresh.postings.digest()
  }
}
