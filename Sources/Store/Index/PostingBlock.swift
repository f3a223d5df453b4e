/// Up to about 4,000 sorted postings in a fixed number of bytes.
///
/// Layout, little-endian: `u32 count`, then per posting `u8 widths ‖ term step ‖ ordinal step`, zeros to the end. The low
/// and high half of `widths` are the byte widths of the two steps, 0 to 8. A term step is the distance to the
/// posting before; where it is zero the ordinal step is a distance too, otherwise it counts from the
/// segment's first ordinal. A term that many records mention so costs two or three bytes a posting, a unique one ten.
enum PostingBlock {
  /// Fills a page of 8 KiB together with what SQLite adds, so that a block is one page and never two.
  static let byteCount = 8_128
  /// What the smallest posting, two bytes, allows.
  static let maximumPostings = byteCount / 2

  /// What a block has at least that is followed by another: how often the largest posting fits.
  static let leastPostings = (byteCount - headerBytes) / largestPosting

  private static let headerBytes = 4
  private static let largestPosting = 17

  /// Writes as many of the sorted, distinct `postings` as fit and returns how many.
  static func encode(
    _ postings: UnsafeBufferPointer<Posting>, base: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) -> Int {
    var previous = Posting(term: 0, ordinal: base)
    var offset = headerBytes
    var count = 0
    while count < postings.count, offset + largestPosting <= byteCount {
      let posting = postings[count]
      let termStep = posting.term &- previous.term
      let ordinalStep = posting.ordinal &- (termStep == 0 ? previous.ordinal : base)
      let termWidth = (71 - termStep.leadingZeroBitCount) / 8
      let ordinalWidth = (71 - ordinalStep.leadingZeroBitCount) / 8
      bytes.storeBytes(
        of: UInt8(truncatingIfNeeded: ordinalWidth << 4 | termWidth), toByteOffset: offset, as: UInt8.self)
      bytes.storeBytes(of: termStep.littleEndian, toByteOffset: offset + 1, as: UInt64.self)
      bytes.storeBytes(of: ordinalStep.littleEndian, toByteOffset: offset + 1 + termWidth, as: UInt64.self)
      offset += 1 + termWidth + ordinalWidth
      previous = posting
      count += 1
    }
    bytes.storeBytes(of: UInt32(count).littleEndian, as: UInt32.self)
    UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).initializeMemory(as: UInt8.self, repeating: 0)
    return count
  }

  /// The postings of a block, or nil when the bytes are not one.
  static func decode(_ bytes: UnsafeRawBufferPointer, base: UInt64) -> [Posting]? {
    var postings: [Posting] = []
    if let count = count(bytes) { postings.reserveCapacity(count) }
    let isWhole = scan(bytes, base: base) { posting in
      postings.append(posting)
      return true
    }
    return isWhole ? postings : nil
  }

  /// Hands over the postings of a block one by one, in order, until `body` has seen enough; false when the bytes are not a
  /// block as far as they were looked at.
  @inline(__always)
  static func scan(_ bytes: UnsafeRawBufferPointer, base: UInt64, _ body: (Posting) -> Bool) -> Bool {
    guard let count = count(bytes) else { return false }
    var posting = Posting(term: 0, ordinal: base)
    var offset = headerBytes
    for _ in 0..<count {
      guard offset + largestPosting <= byteCount else { return false }
      let widths = bytes[offset]
      let termWidth = Int(widths & 15)
      let ordinalWidth = Int(widths >> 4)
      guard termWidth <= 8, ordinalWidth <= 8 else { return false }
      let termStep = integer(bytes, at: offset + 1, width: termWidth)
      let ordinalStep = integer(bytes, at: offset + 1 + termWidth, width: ordinalWidth)
      posting.ordinal = (termStep == 0 ? posting.ordinal : base) &+ ordinalStep
      posting.term &+= termStep
      guard body(posting) else { return true }
      offset += 1 + termWidth + ordinalWidth
    }
    return true
  }

  private static func count(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count == byteCount else { return nil }
    let count = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    return count <= maximumPostings ? count : nil
  }

  private static func integer(_ bytes: UnsafeRawBufferPointer, at offset: Int, width: Int) -> UInt64 {
    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    return width == 0 ? 0 : word & (UInt64.max &>> UInt64(64 - 8 * width))
  }
}
