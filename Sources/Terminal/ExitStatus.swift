package import Primitives

/// What the process says to the program that started it.
package enum ExitStatus: Int32, Hashable, Sendable {
  /// It is done.
  case done = 0
  /// The ledger refused, or evidence does not hold.
  case refused = 1
  /// It was called in a way it does not know.
  case usage = 2
  /// The server was not reached, or cannot answer now.
  case unreachable = 3
  /// Evidence holds, and its author's key was in other hands when the ledger ordered the record.
  case compromised = 4

  /// What a failure ends with.
  package init(_ failure: Failure) { self = failure.kind == .unavailable ? .unreachable : .refused }
}
