import SeededRandom
import Testing

@testable import Store

struct PostingBlockTests {
  private func encode(_ postings: [Posting], base: UInt64) -> (bytes: [UInt8], count: Int) {
    var bytes = [UInt8](repeating: 0xFF, count: PostingBlock.byteCount)
    let count = bytes.withUnsafeMutableBytes { bytes in
      postings.withUnsafeBufferPointer { PostingBlock.encode($0, base: base, into: bytes) }
    }
    return (bytes, count)
  }

  @Test(arguments: [1, 20, 64])
  func givesBackWhatWasWritten(termBits: Int) throws {
    var random = SplitMix64(seed: UInt64(termBits))
    let base: UInt64 = 1 << 40
    let mask = UInt64.max >> UInt64(64 - termBits)
    let extremes = [0, UInt64.max].flatMap { term in
      [base, base + 1, UInt64(Int64.max)].map { Posting(term: term, ordinal: $0) }
    }
    let postings = Set(extremes + (0..<9_000).map { Posting(term: random.next() & mask, ordinal: base + $0) }).sorted()
    var rest = postings
    var read: [Posting] = []
    while !rest.isEmpty {
      let (bytes, count) = encode(rest, base: base)
      try #require(count > 0 && count <= PostingBlock.maximumPostings)
      read += try #require(bytes.withUnsafeBytes { PostingBlock.decode($0, base: base) })
      rest.removeFirst(count)
    }
    #expect(read == postings)
  }

  @Test func heavyTermsCostTwoBytesAPosting() {
    let postings = (0..<10_000).map { Posting(term: 9, ordinal: UInt64($0)) }
    #expect(encode(postings, base: 0).count > PostingBlock.maximumPostings - 20)
  }

  @Test func refusesWhatIsNotABlock() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<200 {
      var bytes = (0..<PostingBlock.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      bytes.withUnsafeMutableBytes { $0.storeBytes(of: UInt32(random.next() % 5_000).littleEndian, as: UInt32.self) }
      let postings = bytes.withUnsafeBytes { PostingBlock.decode($0, base: 0) }
      #expect((postings?.count ?? 0) <= PostingBlock.maximumPostings)
    }
    #expect(
      [UInt8](repeating: 0xFF, count: PostingBlock.byteCount).withUnsafeBytes { PostingBlock.decode($0, base: 0) }
        == nil)
    #expect([UInt8](repeating: 0, count: 100).withUnsafeBytes { PostingBlock.decode($0, base: 0) } == nil)
  }
}
