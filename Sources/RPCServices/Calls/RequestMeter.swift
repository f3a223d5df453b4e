import NIOCore

/// Follows the messages in a call's bytes: each has a byte of flags and its length in four bytes before it.
struct RequestMeter {
  private var prefix: [UInt8] = []
  private var missing = 0

  /// Messages that are complete.
  private(set) var complete = 0
  /// The bytes that came of one that is not.
  private(set) var unfinishedBytes = 0

  /// The length of the message that is coming, once it is known.
  var length: Int? {
    prefix.count == 5 ? prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) } : nil
  }

  /// Counts the next bytes; stops at a message that is longer than `limit`, with its length.
  mutating func take(_ bytes: ByteBuffer, limit: Int) -> Int? {
    var bytes = bytes
    while bytes.readableBytes > 0 {
      if length == nil, let byte = bytes.readInteger(as: UInt8.self) {
        prefix.append(byte)
        unfinishedBytes += 1
        guard let length else { continue }
        guard length <= limit else { return length }
        missing = length
      }
      let count = min(missing, bytes.readableBytes)
      bytes.moveReaderIndex(forwardBy: count)
      missing -= count
      unfinishedBytes += count
      guard missing == 0, length != nil else { continue }
      complete += 1
      prefix = []
      unfinishedBytes = 0
    }
    return nil
  }
}
