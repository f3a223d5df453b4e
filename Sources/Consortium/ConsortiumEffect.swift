package import Primitives

/// What a consortium record changed.
package struct ConsortiumEffect: Hashable, Sendable {
  /// Keys that were registered, rotated, paused, resumed or revoked.
  package let keys: [KeyID]
  /// Members that joined, were suspended, reinstated or removed, or have other roles: all of their keys may have changed.
  package let members: [MemberID]
  /// The proposal that took effect, if one did.
  package let accepted: Digest?
  /// The record whose payload and salt are to be erased, if any.
  package let redaction: Redaction?

  init(keys: [KeyID] = [], members: [MemberID] = [], accepted: Digest? = nil, redaction: Redaction? = nil) {
    self.keys = keys
    self.members = members
    self.accepted = accepted
    self.redaction = redaction
  }
}
