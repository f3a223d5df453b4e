import FoundationEssentials
package import Primitives

extension Instant {
  /// What this machine's clock says.
  package static var now: Instant { Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000)) }
}
