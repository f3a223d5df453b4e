/// Who asks.
package enum Caller: Sendable {
  /// Nobody that this ledger knows.
  case anyone
  /// The holder of a registered key that is in force.
  case key(AuthorKey)
}
