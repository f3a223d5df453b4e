package import FoundationEssentials
package import Primitives
import GRPCCore
import Signing
import SwiftProtobuf
package import Wire

extension Cairn_V1_SubmitError {
  /// What a unary call would say in its status, for one batch of a stream. `header` is the refused one; it may be empty.
  package init(_ failure: Failure, header: Data) {
    self.init()
    code = UInt32(failure.kind.code.rawValue)
    reason = failure.reason
    message = failure.message
    violations = failure.violations.map { violation in
      .with {
        $0.field = violation.field
        $0.description_p = violation.description
      }
    }
    metadata = failure.metadata
    retryAfterMilliseconds = UInt32(clamping: failure.retryDelayMilliseconds ?? 0)
    if !header.isEmpty { headerDigest = Data(SHA256.hash(header).bytes) }
  }
}
