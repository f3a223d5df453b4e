import Consortium
import Foundation
import Ledger
import Primitives
import SwiftProtobuf

/// What is asked and by whom: what a page token belongs to.
struct Question {
  /// The same for the same question by the same caller only.
  let bytes: Data

  /// What `method` is asked with the given words, page fields left out.
  init(_ method: String, _ words: Data, by caller: Caller) {
    var bytes = Data()
    let key: Data = if case .key(let key) = caller { Data(key.id.digest.bytes) } else { Data() }
    for part in [Data(method.utf8), key, words] {
      withUnsafeBytes(of: UInt64(part.count).bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(part)
    }
    self.bytes = bytes
  }
}
