import Foundation
import Primitives

/// Where the next page begins.
struct PageToken: Hashable {
  /// The log size that every page answers for.
  let logSize: UInt64
  /// Where to go on; what it counts is the question's business.
  let next: UInt64
  /// Where to go on among those that go by time.
  var time = Instant(microseconds: 0)
  /// How much all pages so far held, where their sum has a limit.
  var given: UInt64 = 0

  static let byteCount = 32

  init(logSize: UInt64, next: UInt64, time: Instant = Instant(microseconds: 0), given: UInt64 = 0) {
    self.logSize = logSize
    self.next = next
    self.time = time
    self.given = given
  }

  /// `u64 log size ‖ u64 next ‖ i64 time ‖ u64 given`, big-endian.
  var encoded: Data {
    var bytes = Data(capacity: Self.byteCount)
    for value in [logSize, next, UInt64(bitPattern: time.microseconds), given] {
      withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  init?(encoded bytes: Data) {
    guard bytes.count == Self.byteCount else { return nil }
    let values = bytes.withUnsafeBytes { raw in
      (0..<4).map { UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
    }
    self.init(
      logSize: values[0], next: values[1], time: Instant(microseconds: Int64(bitPattern: values[2])), given: values[3])
  }

  /// The text for the client.
  func text(for question: Question, sealedBy seal: PageSeal) throws(Failure) -> String {
    try seal.seal(encoded, for: question)
  }

  /// A token from outside; nil for the empty text, malformed PAGE_TOKEN for one of another question, caller or node.
  init?(_ text: String, for question: Question, sealedBy seal: PageSeal) throws(Failure) {
    if text.isEmpty { return nil }
    guard let bytes = seal.open(text, for: question), let token = PageToken(encoded: bytes) else {
      throw .malformed(
        "PAGE_TOKEN", field: "page_token",
        "not this node's for this question and caller; repeat the first page's fields, of which only page_size, "
          + "minimum_log_size, describe and prove may change, or ask again without it")
    }
    self = token
  }
}
