package import Primitives
package import Signing
package import Wire

/// A consortium record, parsed: a change that is well-formed on its own.
package enum ConsortiumChange: Sendable {
  /// How the ledger began.
  case genesis(GenesisTerms)
  /// Lets a key author batches.
  case registerKey(KeyRegistration)
  /// Ends a key.
  case revokeKey(KeyID)

  /// Parses a record; field paths start at the record's `consortium` field.
  package init(_ wire: Cairn_V1_ConsortiumRecord) throws(Failure) {
    switch wire.change {
    case .genesis(let genesis):
      self = .genesis(try GenesisTerms(genesis))
    case .registerKey(let registration):
      do { self = .registerKey(try KeyRegistration(registration)) } catch { throw error.under("register_key") }
    case .revokeKey(let revocation):
      guard let id = KeyID(revocation.keyID) else {
        throw .malformed(
          "MALFORMED_KEY_ID", field: "revoke_key.key_id", "\(revocation.keyID.count) bytes; a key id has 32")
      }
      guard revocation.reason.utf8.count <= 512 else {
        throw .malformed("TEXT_TOO_LONG", field: "revoke_key.reason", "at most 512 bytes")
      }
      self = .revokeKey(id)
    case nil:
      throw .malformed("MISSING_CHANGE", field: "change", "one of genesis, register_key, revoke_key must be present")
    }
  }
}

/// The terms a ledger begins with.
package struct GenesisTerms: Sendable {
  /// The ledger's name, the first part of its checkpoint origin.
  package let name: String
  /// The node's log key.
  package let logKey: PublicKey
  /// The first key.
  package let admin: KeyRegistration

  init(_ wire: Cairn_V1_Genesis) throws(Failure) {
    guard MemberID.isWellFormed(wire.name) else {
      throw .malformed("MALFORMED_NAME", field: "genesis.name", MemberID.grammar)
    }
    name = wire.name
    do { logKey = try PublicKey(ed25519Raw: Array(wire.logPublicKey)) } catch {
      throw .malformed("MALFORMED_KEY", field: "genesis.log_public_key", "32 bytes of an Ed25519 public key expected")
    }
    do { admin = try KeyRegistration(wire.admin) } catch { throw error.under("genesis.admin") }
    guard admin.role == .admin else {
      throw .malformed("FOUNDER_NOT_ADMIN", field: "genesis.admin.role", "the first key must have ROLE_ADMIN")
    }
  }
}

/// A key and the terms of its use.
package struct KeyRegistration: Sendable {
  package let publicKey: PublicKey
  package let memberID: MemberID
  package let role: Role
  package let notBefore: Instant
  package let notAfter: Instant?
  package let label: String

  /// A registration as it was saved.
  package init(
    publicKey: PublicKey, memberID: MemberID, role: Role, notBefore: Instant, notAfter: Instant?, label: String
  ) {
    self.publicKey = publicKey
    self.memberID = memberID
    self.role = role
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.label = label
  }

  /// Whether the key may be used at `time`, revocation aside.
  package func isValid(at time: Instant) -> Bool { notBefore <= time && time < notAfter ?? .latest }

  /// Parses a registration; field paths start at the message.
  package init(_ wire: Cairn_V1_RegisterKey) throws(Failure) {
    do { publicKey = try PublicKey(subjectPublicKeyInfo: Array(wire.publicKey)) } catch {
      throw .malformed(error.reason, field: "public_key", error.message)
    }
    guard let memberID = MemberID(wire.memberID) else {
      throw .malformed("MALFORMED_NAME", field: "member_id", MemberID.grammar)
    }
    guard let role = Role(wire.role) else {
      throw .malformed("UNKNOWN_ROLE", field: "role", "one of ROLE_DEVICE, ROLE_OPERATOR, ROLE_ADMIN expected")
    }
    self.memberID = memberID
    self.role = role
    notBefore = Instant(microseconds: wire.notBeforeMicroseconds)
    notAfter = wire.notAfterMicroseconds == 0 ? nil : Instant(microseconds: wire.notAfterMicroseconds)
    label = wire.label
    guard label.utf8.count <= 128 else {
      throw .malformed("TEXT_TOO_LONG", field: "label", "at most 128 bytes")
    }
    guard notBefore.isWithinCalendar, notAfter?.isWithinCalendar ?? true else {
      throw .malformed("TIME_OUT_OF_RANGE", field: "not_before_microseconds", "a time in the years 1 to 9999 expected")
    }
    if let notAfter, notAfter <= notBefore {
      throw .malformed(
        "EMPTY_VALIDITY", field: "not_after_microseconds", "must be later than not_before_microseconds, or 0")
    }
  }
}
