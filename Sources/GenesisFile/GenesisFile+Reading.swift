import Consortium
import EPCIS
import FoundationEssentials
import Ledger
package import Primitives
import Signing
import SwiftProtobuf
import Wire

extension GenesisFile {
  /// Reads a file: at most 4 MiB of YAML. Fails with what is wrong, its path, its line, and what would be right. Whether the
  /// rules of a ledger take the terms is for `verified` to say.
  package init(yaml bytes: [UInt8]) throws(Failure) {
    guard bytes.count <= Self.maxByteCount else {
      throw Failure(.malformed, "FILE_TOO_LARGE", "\(bytes.count) bytes; at most \(Self.maxByteCount) are read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.malformed, "INVALID_YAML", "not UTF-8")
    }
    var reader = Reader()
    self = try reader.file(try Field(document: text))
  }
}

/// Turns fields into the messages that are signed, and remembers where they stood.
private struct Reader {
  private static let maxMembers = 1_000
  private static let maxKeys = 10_000

  private var lines: [String: Int] = [:]

  mutating func file(_ root: Field) throws(Failure) -> GenesisFile {
    let names = ["name", "created", "salt", "thresholds", "members", "keys", "founder"]
    let fields = try mapping(root, names)
    var terms = Cairn_V1_Genesis()
    terms.name = try required("name", fields, root).text()
    if let thresholds = fields["thresholds"] { terms.thresholds = try self.thresholds(thresholds) }
    for field in try required("members", fields, root).list(atMost: Self.maxMembers) {
      terms.members.append(try member(field))
    }
    for field in try required("keys", fields, root).list(atMost: Self.maxKeys) { terms.keys.append(try key(field)) }
    let created = try instant(try required("created", fields, root))
    let salt = try hex(try required("salt", fields, root), byteCount: Limits.saltBytes)
    let founder = try fields["founder"].map { field throws(Failure) in try self.founder(field) }
    return GenesisFile(terms, createdAt: created, salt: salt, founder: founder, lines: lines)
  }

  private mutating func thresholds(_ field: Field) throws(Failure) -> Cairn_V1_Thresholds {
    let fields = try mapping(field, ["votes", "quorum"])
    var thresholds = Cairn_V1_Thresholds()
    if let votes = fields["votes"] { thresholds.votes = try number(votes) }
    if let quorum = fields["quorum"] { thresholds.quorum = try number(quorum) }
    return thresholds
  }

  private mutating func member(_ field: Field) throws(Failure) -> Cairn_V1_Member {
    let fields = try mapping(field, ["id", "legal_name", "country", "lei", "contact", "roles"])
    var member = Cairn_V1_Member()
    member.id = try required("id", fields, field).text()
    member.legalName = try required("legal_name", fields, field).text()
    member.country = try required("country", fields, field).text()
    if let lei = fields["lei"] { member.lei = try lei.text() }
    if let contact = fields["contact"] { member.contact = try contact.text() }
    member.roles = try roles(try required("roles", fields, field))
    return member
  }

  private mutating func key(_ field: Field) throws(Failure) -> Cairn_V1_RegisterKey {
    let fields = try mapping(field, ["member", "roles", "label", "valid_from", "valid_until", "public_key"])
    var key = Cairn_V1_RegisterKey()
    key.memberID = try required("member", fields, field).text()
    key.roles = try roles(try required("roles", fields, field))
    if let label = fields["label"] { key.label = try label.text() }
    if let from = fields["valid_from"] { key.notBeforeMicroseconds = try instant(from).microseconds }
    if let until = fields["valid_until"] { key.notAfterMicroseconds = try instant(until).microseconds }
    key.publicKey = try publicKey(try required("public_key", fields, field))
    return key
  }

  private mutating func founder(_ field: Field) throws(Failure) -> GenesisFile.Founder {
    let fields = try mapping(field, ["key", "signature"])
    let id = try hex(try required("key", fields, field), byteCount: Digest.byteCount)
    let signature = try hex(try required("signature", fields, field), byteCount: Limits.signatureBytes)
    guard let keyID = KeyID(id) else { throw field.malformed("MALFORMED_KEY_ID", "64 hexadecimal characters expected") }
    return .init(keyID: keyID, signature: signature)
  }

  private mutating func mapping(_ field: Field, _ names: [String]) throws(Failure) -> [String: Field] {
    let fields = try field.mapping(names)
    lines[field.path] = field.line
    for field in fields.values { lines[field.path] = field.line }
    return fields
  }

  private func required(_ name: String, _ fields: [String: Field], _ parent: Field) throws(Failure) -> Field {
    guard let field = fields[name] else { throw parent.malformed("MISSING_FIELD", "'\(name)' must be stated") }
    return field
  }

  private func roles(_ field: Field) throws(Failure) -> [Cairn_V1_Role] {
    var roles: [Cairn_V1_Role] = []
    for field in try field.list(atMost: Role.allCases.count) {
      let word = try field.text()
      guard let role = Role(rawValue: word) else {
        let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
        throw field.malformed("UNKNOWN_ROLE", "'\(word.prefix(32))' is no role; one of \(known) expected")
      }
      roles.append(role.wire)
    }
    return roles
  }

  private func number(_ field: Field) throws(Failure) -> UInt32 {
    let text = try field.text()
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt32(text)
    else {
      throw field.malformed("NOT_A_NUMBER", "'\(text.prefix(32))'; decimal digits expected, 0 for automatic")
    }
    return number
  }

  private func instant(_ field: Field) throws(Failure) -> Instant {
    let text = try field.text()
    do { return try RFC3339(text).instant } catch {
      throw field.malformed("INVALID_TIME", "'\(text.prefix(64))'; RFC 3339 expected, for example 2026-11-22T20:15:00Z")
    }
  }

  private func hex(_ field: Field, byteCount: Int) throws(Failure) -> Data {
    guard let bytes = Hex.decode(try field.text()), bytes.count == byteCount else {
      throw field.malformed("NOT_HEXADECIMAL", "\(2 * byteCount) hexadecimal characters expected")
    }
    return Data(bytes)
  }

  /// One key in PEM and nothing besides it: what people see is what they sign.
  private func publicKey(_ field: Field) throws(Failure) -> Data {
    let text = try field.text()
    let key: PublicKey
    do { key = try PublicKey(pem: text) } catch {
      throw field.malformed(error.reason, error.violations.first?.description ?? error.message)
    }
    guard text.filter({ !$0.isWhitespace }) == key.pem.filter({ !$0.isWhitespace }) else {
      throw field.malformed("MALFORMED_KEY", "one PEM block and nothing besides it expected")
    }
    return Data(key.subjectPublicKeyInfo)
  }
}
