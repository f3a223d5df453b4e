package import FoundationEssentials
import Ledger

/// What makes a record's hash unguessable.
package enum Salt {
  /// 16 bytes from the system's generator.
  package static func fresh() -> Data {
    var generator = SystemRandomNumberGenerator()
    return Data((0..<Limits.saltBytes).map { _ in generator.next() })
  }
}
