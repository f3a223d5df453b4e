import Foundation
import GRDB
import Primitives
import SeededRandom
import Testing

@testable import Store

/// A log of records with their terms, and the plainest index of it there is.
struct IndexModel {
  /// The terms of each record, by ordinal.
  private(set) var records: [[UInt64]] = []
  /// The records of each term, in order.
  private var ordinals: [UInt64: [UInt64]] = [:]
  let terms: [UInt64]

  /// Some heavy terms, some rare ones, and the extremes.
  init(using random: inout SplitMix64) {
    terms = [0, 1, .max] + (0..<40).map { _ in random.next() }
  }

  var count: UInt64 { UInt64(records.count) }

  /// Adds records of no, one or many terms, some of them twice.
  mutating func grow(by count: Int, using random: inout SplitMix64) {
    for _ in 0..<count {
      let size = Int.random(in: 0...6, using: &random)
      let record = (0..<size).map { _ in
        Bool.random(using: &random) ? terms[Int.random(in: 0..<8, using: &random)] : someTerm(using: &random)
      }
      for term in Set(record) { ordinals[term, default: []].append(self.count) }
      records.append(record)
    }
  }

  /// A term from the list, or one that probably nobody has.
  func someTerm(using random: inout SplitMix64) -> UInt64 {
    terms.randomElement(using: &random).map { Bool.random(using: &random) ? $0 : $0 &+ random.next() % 3 } ?? 0
  }

  /// What the writer appends for these records.
  func postings(_ range: Range<UInt64>) -> [Posting] {
    range.flatMap { ordinal in records[Int(ordinal)].map { Posting(term: $0, ordinal: ordinal) } }
  }

  /// The right answer to a question about the records below `reached`.
  func ordinals(
    matching terms: [UInt64], after: UInt64?, below: UInt64, order: PostingIndex.Order, limit: Int, reached: UInt64
  ) -> [UInt64] {
    let all = Set(terms.flatMap { ordinals[$0, default: []] }).sorted().filter { ordinal in
      ordinal < min(below, reached) && after.map { ordinal > $0 } ?? true
    }
    return Array((order == .oldestFirst ? all : all.reversed()).prefix(limit))
  }

  /// Asks the index some random questions and compares.
  func check(_ index: PostingIndex, questions: Int, using random: inout SplitMix64, _ seed: UInt64) throws {
    for _ in 0..<questions {
      let asked = (0..<Int.random(in: 1...4, using: &random)).map { _ in someTerm(using: &random) }
      let after = Bool.random(using: &random) ? nil : UInt64.random(in: 0...count, using: &random)
      let below = Bool.random(using: &random) ? UInt64.max : UInt64.random(in: 0...count, using: &random)
      let order = Bool.random(using: &random) ? PostingIndex.Order.oldestFirst : .newestFirst
      let limit = [0, 1, 7, 100, .max].randomElement(using: &random) ?? 1
      let answer = try index.ordinals(matching: asked, after: after, below: below, order: order, limit: limit)
      let expected = ordinals(
        matching: asked, after: after, below: below, order: order, limit: limit, reached: index.reachedOrdinal)
      #expect(answer == expected, "seed \(seed), terms \(asked), after \(after ?? 0), below \(below), limit \(limit)")
    }
  }
}

/// A directory for one test, deleted with it.
final class IndexFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "cairn-index-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String = "index.db") -> String { url.appending(path: name).path }

  /// What a machine that died now would find: the database, and its log as far as `walFraction` of it was written.
  func copy(to name: String, walFraction: Double) throws {
    try Data(contentsOf: URL(filePath: path())).write(to: URL(filePath: path(name)))
    let wal = try Data(contentsOf: URL(filePath: path("index.db-wal")))
    try wal.prefix(Int(Double(wal.count) * walFraction)).write(to: URL(filePath: path("\(name)-wal")))
  }
}

/// The ledger of these tests.
let testLedger = Digest { $0.initializeMemory(as: UInt8.self, repeating: 7) }

extension PostingIndex {
  /// A tiny index, so that little data makes many segments and merges.
  convenience init(tiny path: String?, tablePostings: Int = 50, fanIn: Int = 3) throws(Failure) {
    try self.init(path: path, ledger: testLedger, tablePostings: tablePostings, fanIn: fanIn)
  }

  /// Does one piece of background work.
  func step() throws -> Bool { try database.connection.writeWithoutTransaction(maintain) }
}
