import Foundation

/// Which terms a block can have: a Bloom filter of 64-bit words, a term in one of them (Putze, Sanders, Singler 2007).
///
/// Twelve bits a term, four of them set: one term in about eighty that are not in the block looks as if it were.
struct PostingFilter: Sendable, Equatable {
  private static let bitsPerTerm = 12

  private var words: [UInt64]

  /// A filter of every term; takes no room.
  static let everything = PostingFilter(words: [])

  private init(words: [UInt64]) { self.words = words }

  /// A filter of the terms of some sorted postings.
  init(_ postings: some Collection<Posting>) {
    var terms = 0
    var last: UInt64?
    for posting in postings where posting.term != last {
      terms += 1
      last = posting.term
    }
    words = [UInt64](repeating: 0, count: (terms * Self.bitsPerTerm + 63) / 64)
    last = nil
    words.withUnsafeMutableBufferPointer { words in
      for posting in postings where posting.term != last {
        let (word, bits) = Self.place(of: posting.term, in: words.count)
        words[word] |= bits
        last = posting.term
      }
    }
  }

  /// Whether a block can have `term`; true for any that it has.
  func canHave(_ term: UInt64) -> Bool {
    if words.isEmpty { return true }
    let (word, bits) = Self.place(of: term, in: words.count)
    return words[word] & bits == bits
  }

  /// Terms of kin share their upper half, so both halves are mixed before they are used.
  private static func place(of term: UInt64, in count: Int) -> (word: Int, bits: UInt64) {
    var mixed = (term ^ term >> 32) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9
    let bits: UInt64 = 1 << (mixed & 63) | 1 << (mixed >> 6 & 63) | 1 << (mixed >> 12 & 63) | 1 << (mixed >> 18 & 63)
    return (Int(((mixed >> 32) &* UInt64(count)) >> 32), bits)
  }
}

extension PostingFilter {
  /// Appends `u16 count ‖ count × u64 word`, big-endian.
  func write(to bytes: inout Data) {
    bytes.append(bigEndian: UInt16(words.count))
    for word in words { bytes.append(bigEndian: word) }
  }

  /// Reads what `write` wrote from `offset` on and moves it past the end; nil when the bytes end before.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: inout Int) {
    guard offset + 2 <= bytes.count else { return nil }
    let count = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    let start = offset + 2
    offset = start + count * 8
    guard offset <= bytes.count else { return nil }
    words = (0..<count).map { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start + $0 * 8, as: UInt64.self)) }
  }
}
