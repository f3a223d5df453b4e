package import Primitives
package import Signing
package import Wire

/// A key's replacement, well-formed on its own.
package struct KeyRotation: Hashable, Sendable {
  /// The key to be replaced.
  package let keyID: KeyID
  /// The key that takes its place, with the same member, roles and label.
  package let successor: PublicKey
  /// The old key is valid before this ledger time.
  package let overlapUntil: Instant
  /// The successor is valid before this ledger time; nil means without end.
  package let notAfter: Instant?

  /// Parses a rotation; field paths start at the message.
  package init(_ wire: Cairn_V1_RotateKey) throws(Failure) {
    keyID = try KeyID(parsing: wire.keyID, field: "key_id")
    successor = try PublicKey(parsing: wire.publicKey)
    let overlap = try Instant(microseconds: wire.overlapUntilMicroseconds, field: "overlap_until_microseconds")
    guard let overlap else {
      throw .malformed(
        "MISSING_FIELD", field: "overlap_until_microseconds", "the time at which the old key ends must be present")
    }
    overlapUntil = overlap
    notAfter = try Instant(microseconds: wire.notAfterMicroseconds, field: "not_after_microseconds")
  }
}
