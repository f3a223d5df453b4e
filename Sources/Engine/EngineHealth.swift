/// Whether the engine takes messages. The servers are asked every second whether a majority of them is there: a lost connection shows at
/// once, a lost majority 5 to 10 s later, one lost answer does not; that a majority is back shows within 3 s of its first answer.
package enum EngineHealth: Hashable, Sendable {
  /// Connected to the server at this address, and a majority of the servers is there.
  case connected(server: String)
  /// Not connected, or no majority of the servers answers; it is tried again. Why, for an operator.
  case away(reason: String)
  /// Closed by its owner; it never comes back.
  case closed

  /// Whether messages can be published now.
  package var isConnected: Bool {
    if case .connected = self { true } else { false }
  }
}
