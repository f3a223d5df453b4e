package import EPCIS
import FoundationEssentials
import Primitives
import Signing
package import Wire

/// A key and how it stands, for people and for programs.
package struct KeyWords: Sendable {
  /// What `row` has in its columns.
  package static let headings = ["KEY", "MEMBER", "ROLES", "LABEL", "STANDS", "VALID"]

  private let status: Cairn_V1_KeyStatus

  /// What the ledger says of a key.
  package init(_ status: Cairn_V1_KeyStatus) { self.status = status }

  /// One line of a table.
  package var row: [String] {
    [Timeline.short(status.keyID), key.memberID, key.roles.words, key.label, standing, Self.validity(key)]
  }

  /// A line a fact.
  package var lines: [String] {
    var facts = [("key", Hex.encode(status.keyID)), ("member", key.memberID), ("roles", roles)]
    if !key.label.isEmpty { facts.append(("label", key.label)) }
    facts += [("suite", suite), ("stands", standing), ("valid", Self.validity(key))]
    facts.append(("since", status.registeredPosition == 0 ? "genesis" : "log position \(status.registeredPosition)"))
    if !status.replaces.isEmpty { facts.append(("replaces", Hex.encode(status.replaces))) }
    if status.compromisedSinceMicroseconds != 0 {
      facts.append(("warning", "in other hands since \(RecordedTime(status.compromisedSinceMicroseconds).text)"))
    }
    return facts.map { $0.0.padded(to: 10) + $0.1.visible }
  }

  /// An object with the same facts.
  package var json: JSONValue {
    .object(
      [.init("keyId", .hex(status.keyID))] + Self.terms(key) + [
        .init("effectiveRoles", .array(status.effectiveRoles.names.map { .text($0) })),
        .init("inForce", .boolean(status.inForce)),
        .init("reason", status.reason.isEmpty ? .null : .text(status.reason)),
        .init("registeredPosition", .number(status.registeredPosition)),
        .init("revokedPosition", status.hasRevokedPosition ? .number(status.revokedPosition) : .null),
        .init("compromisedSince", Self.time(status.compromisedSinceMicroseconds)),
        .init("replaces", status.replaces.isEmpty ? .null : .hex(status.replaces)),
        .init("paused", .boolean(status.paused)),
      ])
  }

  /// What is registered of a key, as members of an object.
  package static func terms(_ key: Cairn_V1_RegisterKey) -> [JSONValue.Member] {
    [
      .init("publicKey", .hex(key.publicKey)), .init("memberId", .text(key.memberID)),
      .init("roles", .array(key.roles.names.map { .text($0) })), .init("label", .text(key.label)),
      .init("notBefore", time(key.notBeforeMicroseconds)), .init("notAfter", time(key.notAfterMicroseconds)),
    ]
  }

  /// When a key is valid, for example `before 2027-01-01 00:00:00 UTC`.
  package static func validity(_ key: Cairn_V1_RegisterKey) -> String {
    let until =
      key.notAfterMicroseconds == 0 ? "without end" : "before \(RecordedTime(key.notAfterMicroseconds).text)"
    return key.notBeforeMicroseconds == 0 ? until : "from \(RecordedTime(key.notBeforeMicroseconds).text), \(until)"
  }

  static func time(_ microseconds: Int64) -> JSONValue {
    microseconds == 0 ? .null : .text("\(Instant(microseconds: microseconds))")
  }

  private var key: Cairn_V1_RegisterKey { status.key }

  /// Its roles, and what its member leaves of them.
  private var roles: String {
    let isWhole = Set(status.effectiveRoles) == Set(key.roles) || !status.inForce
    return key.roles.words + (isWhole ? "" : " (of these its member holds \(status.effectiveRoles.words))")
  }

  private var suite: String {
    let key = try? PublicKey(subjectPublicKeyInfo: Array(key.publicKey))
    return key?.suite.description ?? "unknown"
  }

  private var standing: String {
    switch status.reason {
    case "": status.inForce ? "in force" : "not in force"
    case "KEY_REVOKED": "revoked at log position \(status.revokedPosition)"
    case "KEY_EXPIRED": "expired"
    case "KEY_NOT_YET_VALID": "not yet valid"
    case "KEY_PAUSED": "paused by vote"
    case "MEMBER_SUSPENDED": "member suspended"
    case "MEMBER_REMOVED": "member removed"
    default: status.reason
    }
  }
}
