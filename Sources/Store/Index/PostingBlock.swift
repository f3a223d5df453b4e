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
    guard bytes.count == byteCount else { return nil }
    let count = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    guard count <= maximumPostings else { return nil }
    let postings = [Posting](unsafeUninitializedCapacity: count) { postings, initialized in
      var previous = Posting(term: 0, ordinal: base)
      var offset = headerBytes
      while initialized < count, offset + largestPosting <= byteCount {
        let widths = bytes[offset]
        let termWidth = Int(widths & 15)
        let ordinalWidth = Int(widths >> 4)
        guard termWidth <= 8, ordinalWidth <= 8 else { return }
        let termStep = integer(bytes, at: offset + 1, width: termWidth)
        let ordinalStep = integer(bytes, at: offset + 1 + termWidth, width: ordinalWidth)
        previous.ordinal = (termStep == 0 ? previous.ordinal : base) &+ ordinalStep
        previous.term &+= termStep
        postings.initializeElement(at: initialized, to: previous)
        initialized += 1
        offset += 1 + termWidth + ordinalWidth
      }
    }
    return postings.count == count ? postings : nil
  }

  private static func integer(_ bytes: UnsafeRawBufferPointer, at offset: Int, width: Int) -> UInt64 {
    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    return width == 0 ? 0 : word & (UInt64.max &>> UInt64(64 - 8 * width))
  }
}
