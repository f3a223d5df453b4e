package import Primitives
package import Signing

/// A registered key: who holds it, what it may do, and between when.
package struct AuthorKey: Sendable {
  /// The key itself.
  package let publicKey: PublicKey
  /// The organisation that answers for it.
  package let memberID: MemberID
  /// What it may author.
  package let role: Role
  /// Valid from this ledger time on.
  package let notBefore: Instant
  /// Valid before this ledger time; nil means without end.
  package let notAfter: Instant?
  /// What people call its holder; may be empty.
  package let label: String
  /// The record that registered it.
  package let registeredBy: RecordPlace
  /// How many registrations lead from genesis to it: 0 for the founding admin's key.
  package let depth: Int
  /// The position of the batch that revoked it, if any.
  package var revokedAt: UInt64?

  /// A key as the ledger's record of it says.
  package init(_ registration: KeyRegistration, registeredBy: RecordPlace, depth: Int, revokedAt: UInt64? = nil) {
    publicKey = registration.publicKey
    memberID = registration.memberID
    role = registration.role
    notBefore = registration.notBefore
    notAfter = registration.notAfter
    label = registration.label
    self.registeredBy = registeredBy
    self.depth = depth
    self.revokedAt = revokedAt
  }

  /// Refuses a key that is revoked, not yet valid, or expired at `ledgerTime`.
  package func requireValid(at ledgerTime: Instant) throws(Failure) {
    if let revokedAt {
      throw Failure(
        .unauthenticated, "KEY_REVOKED",
        "key \(publicKey.id) was revoked at log position \(revokedAt); sign with a key that is in force")
    }
    if ledgerTime < notBefore {
      throw Failure(
        .unauthenticated, "KEY_NOT_YET_VALID",
        "key \(publicKey.id) is valid from \(notBefore) on; the ledger's time is \(ledgerTime)")
    }
    if let notAfter, notAfter <= ledgerTime {
      throw Failure(
        .unauthenticated, "KEY_EXPIRED",
        "key \(publicKey.id) was valid before \(notAfter); the ledger's time is \(ledgerTime)")
    }
  }
}

/// A record's place in the log.
package struct RecordPlace: Hashable, Sendable {
  /// Position of its batch, from 0.
  package let position: UInt64
  /// Index in the batch, from 0.
  package let index: UInt32

  /// The record `index` of the batch at `position`.
  package init(position: UInt64, index: UInt32) {
    self.position = position
    self.index = index
  }
}
