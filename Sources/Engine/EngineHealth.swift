/// Whether the engine can be reached.
package enum EngineHealth: Hashable, Sendable {
  /// Connected to the server at this address.
  case connected(server: String)
  /// Not connected, being tried again; why, for an operator.
  case away(reason: String)
  /// Closed by its owner; it never comes back.
  case closed

  /// Whether messages can be published now.
  package var isConnected: Bool {
    if case .connected = self { true } else { false }
  }
}
