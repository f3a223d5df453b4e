import Foundation
import GRDB
import Primitives
import SeededRandom
import Synchronization
import Testing

@testable import Store

struct PostingIndexCorruptionTests {
  private func index(at path: String?) throws -> PostingIndex {
    let index = try PostingIndex(tiny: path, tablePostings: 3_000, fanIn: 4)
    try index.append(postings(from: 0), records: 0..<9_500)
    try index.quiesce()
    return index
  }

  private func postings(from start: UInt64) -> [Posting] {
    var random = SplitMix64(seed: 1)
    return Array((0..<9_500).map { Posting(term: random.next(), ordinal: $0) }.dropFirst(Int(start)))
  }

  @Test func aFlippedByteIsNamedAndNeverAnswered() throws {
    let index = try index(at: nil)
    let segment = index.state.withLock(\.segments)[1]
    let fence = segment.fences[2]
    try index.database.connection.write { db in
      var bytes = try #require(
        try Data.fetchOne(db, sql: "SELECT bytes FROM block WHERE id = ?", arguments: [fence.block]))
      bytes[1_000] ^= 1
      try db.execute(sql: "UPDATE block SET bytes = ? WHERE id = ?", arguments: [bytes, fence.block])
    }
    let problems = try index.verify()
    #expect(problems == ["\(segment), block 2: the bytes do not match their checksum"])
    let failure = #expect(throws: Failure.self) { try index.ordinals(matching: [fence.first.term], limit: 1_000) }
    #expect(failure?.kind == .corrupt && failure?.reason == "INDEX_CORRUPT")
    #expect(throws: Failure.self) { try index.digest() }
  }

  @Test func aReaderThatMeetsABrokenBlockMarksTheFile() throws {
    let folder = try IndexFolder()
    let index = try index(at: folder.path())
    let marked = { FileManager.default.fileExists(atPath: folder.path() + PostingIndex.brokenSuffix) }
    let terms = index.state.withLock(\.segments).map { $0.fences[1].first.term }
    _ = try index.ordinals(matching: terms, limit: 1_000)
    #expect(!marked())
    try index.database.connection.write { try $0.execute(sql: "UPDATE block SET bytes = x'00'") }
    #expect(throws: Failure.self) { try index.ordinals(matching: terms, limit: 1_000) }
    #expect(marked())
  }

  @Test(arguments: [
    "DELETE FROM block WHERE id = 2",
    "UPDATE block SET bytes = (SELECT bytes FROM block WHERE id = 3) WHERE id = 2",
    "UPDATE block SET bytes = x'00' WHERE id = 2",
    "UPDATE segment SET postings = postings + 1 WHERE id = 2",
    "UPDATE segment SET fences = x'' WHERE id = 2",
    "UPDATE segment SET filters = x'' WHERE id = 2",
    "UPDATE segment SET filters = zeroblob(length(filters)) WHERE id = 2",
    "UPDATE segment SET start = -1 WHERE id = 1",
    "UPDATE segment SET blocks = zeroblob(length(blocks)) WHERE id = 2",
    "DELETE FROM segment WHERE id = 2",
  ])
  func verifyNamesWhatIsBroken(damage: String) throws {
    let index = try index(at: nil)
    #expect(try index.verify() == [])
    try index.database.connection.write { try $0.execute(sql: damage) }
    let problems = try index.verify()
    #expect(!problems.isEmpty && problems.allSatisfy { $0.contains("segment") })
  }

  @Test(arguments: [
    "UPDATE segment SET postings = postings + 1 WHERE id = 2",
    "UPDATE segment SET through = through + 1 WHERE id = 2",
    "UPDATE segment SET checksum = zeroblob(32) WHERE id = 1",
    "UPDATE segment SET filters = (SELECT filters FROM segment WHERE id = 2) WHERE id = 1",
    "DELETE FROM segment WHERE id = 1",
    "UPDATE ledger SET id = zeroblob(32)",
    "PRAGMA application_id = 5",
  ])
  func aBrokenFileIsNotOpened(damage: String) throws {
    let folder = try IndexFolder()
    try index(at: folder.path()).database.connection.write { try $0.execute(sql: damage) }
    let failure = #expect(throws: Failure.self) { try PostingIndex(tiny: folder.path()) }
    #expect(failure?.kind == .corrupt && failure?.reason == "INDEX_CORRUPT")
  }

  @Test func aFileThatIsNoDatabaseIsCorrupt() throws {
    let folder = try IndexFolder()
    try Data(repeating: 0x41, count: 40_000).write(to: URL(filePath: folder.path()))
    let failure = #expect(throws: Failure.self) { try PostingIndex(tiny: folder.path()) }
    #expect(failure?.reason == "INDEX_CORRUPT")
  }

  /// Any byte of the file may flip: the index says so, or answers as before.
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func aFlippedByteOfTheFileNeverLies(seed: UInt64) throws {
    let folder = try IndexFolder()
    let sound = try index(at: folder.path())
    let digest = try sound.digest()
    try sound.database.connection.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    var random = SplitMix64(seed: seed)
    var file = try Data(contentsOf: URL(filePath: folder.path()))
    file[Int(random.next() % UInt64(file.count))] ^= UInt8(1 << (random.next() % 8))
    try file.write(to: URL(filePath: folder.path("flipped.db")))
    do {
      let flipped = try PostingIndex(tiny: folder.path("flipped.db"), tablePostings: 3_000, fanIn: 4)
      let covered = flipped.coveredOrdinal
      try flipped.append(postings(from: covered), records: covered..<9_500)
      #expect(try flipped.digest() == digest, "seed \(seed)")
    } catch {
      #expect(["INDEX_CORRUPT", "INDEX_UNAVAILABLE"].contains(Failure(index: error).reason), "seed \(seed): \(error)")
    }
  }
}
