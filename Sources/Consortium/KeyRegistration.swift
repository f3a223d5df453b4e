import FoundationEssentials
package import Primitives
package import Signing
package import Wire

/// A key and the terms of its use, well-formed on its own.
package struct KeyRegistration: Hashable, Sendable {
  /// The key itself; Ed25519 if it is to sign checkpoints.
  package let publicKey: PublicKey
  /// The organisation that answers for it.
  package let memberID: MemberID
  /// What it may do; at least one.
  package let roles: Roles
  /// Valid from this ledger time on.
  package let notBefore: Instant
  /// Valid before this ledger time; nil means without end.
  package let notAfter: Instant?
  /// What people call its holder: at most 128 bytes.
  package let label: String

  /// Parses a registration; field paths start at the message.
  package init(_ wire: Cairn_V1_RegisterKey) throws(Failure) {
    publicKey = try PublicKey(parsing: wire.publicKey)
    memberID = try MemberID(parsing: wire.memberID, field: "member_id")
    roles = try at("roles") { () throws(Failure) in try Roles(wire.roles) }
    guard !roles.isEmpty else { throw .malformed("MISSING_FIELD", field: "roles", "at least one role expected") }
    guard publicKey.mayHave(roles) else {
      throw .malformed("NODE_KEY_SUITE", field: "public_key", PublicKey.nodeSuite)
    }
    let notBefore = try Instant(microseconds: wire.notBeforeMicroseconds, field: "not_before_microseconds")
    self.notBefore = notBefore ?? Instant(microseconds: 0)
    notAfter = try Instant(microseconds: wire.notAfterMicroseconds, field: "not_after_microseconds")
    if let notAfter, notAfter <= self.notBefore {
      throw .malformed(
        "EMPTY_VALIDITY", field: "not_after_microseconds", "must be later than not_before_microseconds, or 0")
    }
    try requireText(wire.label, atMost: 128, field: "label")
    label = wire.label
  }

  /// Parses a list of registrations of different keys, at most `limit`; field paths start at the list.
  static func list(_ wire: [Cairn_V1_RegisterKey], atMost limit: Int) throws(Failure) -> [KeyRegistration] {
    guard wire.count <= limit else {
      throw .malformed("TOO_MANY_VALUES", field: "", "\(wire.count) keys; at most \(limit)")
    }
    var registrations: [KeyRegistration] = []
    var ids: Set<KeyID> = []
    for (index, key) in wire.enumerated() {
      let registration = try at("[\(index)]") { () throws(Failure) in try KeyRegistration(key) }
      guard ids.insert(registration.publicKey.id).inserted else {
        throw .malformed(
          "DUPLICATE_KEY", field: "[\(index)].public_key", "key \(registration.publicKey.id) is listed twice")
      }
      registrations.append(registration)
    }
    return registrations
  }

  /// Says which of its roles the member does not hold; nil if it holds them all.
  func excess(over memberRoles: Roles) -> String? {
    let excess = roles.subtracting(memberRoles)
    return excess.isEmpty ? nil : "keys of \(memberID) may have the roles \(memberRoles), not \(excess)"
  }
}

extension PublicKey {
  convenience init(parsing der: Data) throws(Failure) {
    do { try self.init(subjectPublicKeyInfo: Array(der)) } catch {
      throw .malformed(error.reason, field: "public_key", error.violations.first?.description ?? error.message)
    }
  }

  /// Why a key may not be a NODE key, and what would be right.
  static let nodeSuite = "a NODE key signs checkpoints and is an Ed25519 key"

  /// Whether a key of this suite may have these roles.
  func mayHave(_ roles: Roles) -> Bool { suite == .ed25519 || !roles.contains(.node) }
}

extension KeyID {
  init(parsing bytes: Data, field: String) throws(Failure) {
    guard let id = KeyID(bytes) else {
      throw .malformed("MALFORMED_KEY_ID", field: field, "\(bytes.count) bytes; a key id has 32")
    }
    self = id
  }
}
