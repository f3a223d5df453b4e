import Foundation
import Primitives
import Signing

/// Where the next page begins, and what it is a page of. Opaque to clients: base64url of
/// `u64 log size ‖ u64 next ‖ u64 fingerprint of the question`.
struct PageToken {
  /// The log size that every page answers for.
  let logSize: UInt64
  /// Where to go on; what it counts is the question's business.
  let next: UInt64

  /// The text for the client, bound to the question.
  func text(for question: Data) -> String {
    var bytes = Data()
    for value in [logSize, next, SHA256.hash(question).prefix64] {
      withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
  }

  /// A token from outside; nil for the empty text, malformed PAGE_TOKEN for one of another question.
  init?(_ text: String, for question: Data) throws(Failure) {
    if text.isEmpty { return nil }
    let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    guard text.utf8.count <= 64, let bytes = Data(base64Encoded: base64), bytes.count == 24 else {
      throw .malformed("PAGE_TOKEN", field: "page_token", "not a token of this server")
    }
    let values = bytes.withUnsafeBytes { raw in
      (0..<3).map { UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
    }
    guard values[2] == SHA256.hash(question).prefix64 else {
      throw .malformed(
        "PAGE_TOKEN", field: "page_token", "of another question; repeat the first page's fields unchanged")
    }
    logSize = values[0]
    next = values[1]
  }

  init(logSize: UInt64, next: UInt64) {
    self.logSize = logSize
    self.next = next
  }
}
