package import Primitives
package import Wire

/// The end of a key, well-formed on its own.
package struct KeyRevocation: Hashable, Sendable {
  /// The key that ends.
  package let keyID: KeyID
  /// Why, for people: at most 512 bytes.
  package let reason: String
  /// Since when others have had the key; nil if they never had.
  package let compromisedSince: Instant?

  /// Parses a revocation; field paths start at the message.
  package init(_ wire: Cairn_V1_RevokeKey) throws(Failure) {
    keyID = try KeyID(parsing: wire.keyID, field: "key_id")
    try requireText(wire.reason, atMost: 512, field: "reason")
    reason = wire.reason
    compromisedSince = try Instant(
      microseconds: wire.compromisedSinceMicroseconds, field: "compromised_since_microseconds")
  }
}
