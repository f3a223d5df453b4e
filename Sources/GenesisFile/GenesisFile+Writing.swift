import Consortium
import EPCIS
import Primitives
import Signing
import SwiftProtobuf
import Wire

extension GenesisFile {
  /// The file, ending with a line feed; the same terms always give the same text. Fails with MALFORMED_KEY where the terms
  /// hold a key that is none.
  package var yaml: String {
    get throws(Failure) {
      var lines = [
        "# The terms on which a ledger is founded. Read them with `cairn genesis show`, check them with `cairn genesis verify`.",
        "name: \(Self.quoted(terms.name))",
        "created: \(RFC3339.text(createdAt))",
        "salt: \"\(Hex.encode(salt))\"",
        "thresholds: {votes: \(terms.thresholds.votes), quorum: \(terms.thresholds.quorum)}  # 0: as many as the rules ask for",
        "members:\(terms.members.isEmpty ? " []" : "")",
      ]
      lines += terms.members.flatMap(Self.lines)
      lines.append("keys:\(terms.keys.isEmpty ? " []" : "")")
      for key in terms.keys { lines += try Self.lines(key) }
      if let founder {
        lines += ["founder:", "  key: \"\(founder.keyID)\"", "  signature: \"\(Hex.encode(founder.signature))\""]
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  private static func lines(_ member: Cairn_V1_Member) -> [String] {
    var lines = [
      "  - id: \(quoted(member.id))", "    legal_name: \(quoted(member.legalName))",
      "    country: \(quoted(member.country))",
    ]
    if !member.lei.isEmpty { lines.append("    lei: \(quoted(member.lei))") }
    if !member.contact.isEmpty { lines.append("    contact: \(quoted(member.contact))") }
    return lines + ["    roles: \(words(member.roles))"]
  }

  private static func lines(_ key: Cairn_V1_RegisterKey) throws(Failure) -> [String] {
    var lines = ["  - member: \(quoted(key.memberID))", "    roles: \(words(key.roles))"]
    if !key.label.isEmpty { lines.append("    label: \(quoted(key.label))") }
    let validity = [("valid_from", key.notBeforeMicroseconds), ("valid_until", key.notAfterMicroseconds)]
    for (name, microseconds) in validity where microseconds != 0 {
      lines.append("    \(name): \(RFC3339.text(Instant(microseconds: microseconds)))")
    }
    let pem = try PublicKey(subjectPublicKeyInfo: Array(key.publicKey)).pem
    return lines + ["    public_key: |"] + pem.split(separator: "\n").map { "      \($0)" }
  }

  private static func words(_ roles: [Cairn_V1_Role]) -> String {
    "[\(roles.compactMap { Role($0)?.rawValue }.joined(separator: ", "))]"
  }

  /// Between double quotes, which leave YAML nothing to guess: that NO is a country, and 1e3 a name.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "&", "*": "\\x\(String(scalar.value, radix: 16))"
      case _ where scalar.properties.generalCategory == .control || scalar.value == 0xFEFF: escape(scalar)
      case _ where [.lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory): escape(scalar)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
