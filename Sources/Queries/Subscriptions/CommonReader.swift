import Foundation
import Ledger
import Primitives
import Provenance
import Store

/// Looks at new records once for all who follow the log, and notes for whom each may be. What a receiver gets of them is
/// decided when it is delivered.
struct CommonReader {
  /// What one step looks at, about, where the writer's own index keys say what records are about.
  static let maxKeys = 1 << 16
  /// How many hits a step ends with, those of its last record aside.
  static let maxHits = 1 << 14
  /// Most records that one step looks into.
  static let maxRecords = 2_048
  /// How many filters a step asks, those of its last record aside.
  static let maxComparisons = 1 << 14
  private static let maxBatches = 64

  private let routes: Routes
  /// The number below which records were looked at.
  private(set) var reached: UInt64
  private(set) var hits: [Switchboard.Hit] = []
  private var names = StepNames()
  private var comparisons = 0

  init(_ routes: Routes, from reached: UInt64) {
    self.routes = routes
    self.reached = reached
  }

  /// A step by index keys, up to `end`; false when the batches are not at hand any more.
  mutating func followKeys(_ recent: RecentBatches, end: UInt64) -> Bool {
    guard let batches = recent.batches(from: reached, limit: Self.maxBatches) else { return false }
    var keys = 0
    for batch in batches where batch.firstOrdinal < end && keys < Self.maxKeys {
      for posting in batch.batch.postings {
        guard let ids = routes.byTerm[posting.term.rawValue] else { continue }
        let ordinal = batch.firstOrdinal + UInt64(posting.index)
        guard ordinal >= reached else { continue }
        if hits.count >= Self.maxHits, let last = hits.last, last.ordinal < ordinal {
          reached = ordinal
          return true
        }
        for id in ids { hits.append(.init(follower: id, ordinal: ordinal)) }
      }
      keys += batch.batch.postings.count
      reached = batch.endOrdinal
    }
    return true
  }

  /// A step that looks into records, up to `end`: from memory if they are there; false when they are not.
  mutating func followRecords(_ recent: RecentBatches, end: UInt64) -> Bool {
    guard let batches = recent.batches(from: reached, limit: Self.maxBatches) else { return false }
    let start = reached
    for batch in batches where batch.firstOrdinal < end {
      let header = batch.batch.header
      for record in batch.batch.records.dropFirst(Int(reached - batch.firstOrdinal)) {
        guard reached - start < UInt64(Self.maxRecords), comparisons < Self.maxComparisons else { return true }
        look(at: record, ledgerTime: batch.ledgerTime, author: header.authorKeyID)
      }
    }
    return true
  }

  /// The same from the log on disk.
  mutating func followRecords(_ reader: LedgerReader, end: UInt64) throws {
    let start = reached
    while reached < end, reached - start < UInt64(Self.maxRecords), comparisons < Self.maxComparisons {
      guard let chunk = try reader.chunk(containing: reached), chunk.contains(reached) else {
        throw LedgerReader.corrupt("record number \(reached) is missing and the log")
      }
      let entry = try LogEntry(chunk.place.entry)
      let author = try BatchHeader(entry.header).authorKeyID
      for record in chunk.records.dropFirst(Int(reached - chunk.firstOrdinal))
      where reached < end && comparisons < Self.maxComparisons {
        look(at: record, ledgerTime: entry.ledgerTime, author: author)
      }
    }
  }

  private mutating func look(at record: Data, ledgerTime: Instant, author: KeyID) {
    defer { reached += 1 }
    let step = names.step(of: EventGlance(record: record))
    let asked = routes.followers(ofStep: step)
    comparisons += asked.count
    let followers = asked.filter { $0.filter.mayMatch(author: author, step: step) }
    guard !followers.isEmpty, case .provenance(let event) = try? ParsedRecord(record).body else { return }
    for follower in followers where follower.filter.mayMatch(event, ledgerTime: ledgerTime, author: author) {
      hits.append(.init(follower: follower.id, ordinal: reached))
    }
  }
}
