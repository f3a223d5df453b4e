package import Primitives
package import Signing

/// A registered key: who holds it, what it may do and between when, and how that came about.
package struct AuthorKey: Equatable, Sendable {
  /// The key itself.
  package let publicKey: PublicKey
  /// The organisation that answers for it.
  package let memberID: MemberID
  /// What it may do as far as its member holds these roles.
  package let roles: Roles
  /// Valid from this ledger time on.
  package let notBefore: Instant
  /// What people call its holder; may be empty.
  package let label: String
  /// The record that registered it, or that completed the votes for it.
  package let registeredBy: RecordPlace
  /// The key it replaced, if any.
  package let replaces: KeyID?
  /// Valid before this ledger time; nil means without end. A rotation shortens it.
  package internal(set) var notAfter: Timeline<Instant?>
  /// Whether a vote holds it up.
  package internal(set) var pause: Timeline<Bool>
  /// How it ended, if it was revoked.
  package internal(set) var revocation: Revocation?
  /// The records that rotated, paused, resumed or revoked it, in order; of a vote, the record that completed it.
  package internal(set) var changedBy: [RecordPlace] = []

  /// How a key ended.
  package struct Revocation: Equatable, Sendable {
    /// The record that revoked it, or that completed the votes.
    package let place: RecordPlace
    /// Why, for people; may be empty.
    package let reason: String
    /// Since when others have had the key; nil if they never had.
    package let compromisedSince: Instant?
  }

  init(_ registration: KeyRegistration, registeredBy place: RecordPlace) {
    publicKey = registration.publicKey
    memberID = registration.memberID
    roles = registration.roles
    notBefore = registration.notBefore
    label = registration.label
    registeredBy = place
    replaces = nil
    notAfter = Timeline(registration.notAfter, at: place.position)
    pause = Timeline(false, at: place.position)
  }

  /// The successor of `old` that a rotation names.
  init(_ rotation: KeyRotation, of old: AuthorKey, registeredBy place: RecordPlace) {
    publicKey = rotation.successor
    memberID = old.memberID
    roles = old.roles
    notBefore = Instant(microseconds: 0)
    label = old.label
    registeredBy = place
    replaces = old.id
    notAfter = Timeline(rotation.notAfter, at: place.position)
    pause = Timeline(false, at: place.position)
  }

  /// The key's identity.
  package var id: KeyID { publicKey.id }

  /// Whether it has a role that is given and taken by vote only.
  package var isGoverning: Bool { !roles.isDisjoint(with: .governing) }
}
