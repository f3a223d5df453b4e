/// Who asks.
package enum Caller: Sendable {
  /// Somebody without identity.
  case anyone
  /// The holder of a registered key.
  case key(AuthorKey)
}
