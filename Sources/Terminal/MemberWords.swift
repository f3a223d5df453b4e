package import EPCIS
package import Wire

/// A member and how it stands, for people and for programs.
package struct MemberWords: Sendable {
  /// What `row` has in its columns.
  package static let headings = ["MEMBER", "LEGAL NAME", "COUNTRY", "STANDING", "KEYS", "ROLES"]

  private let status: Cairn_V1_MemberStatus

  /// What the ledger says of a member.
  package init(_ status: Cairn_V1_MemberStatus) { self.status = status }

  /// One line of a table.
  package var row: [String] {
    [member.id, member.legalName, member.country, standing, status.keysInForce.grouped, member.roles.words]
  }

  /// A line a fact.
  package var lines: [String] {
    var facts = [("member", member.id), ("name", member.legalName), ("country", country)]
    if !member.lei.isEmpty { facts.append(("LEI", member.lei)) }
    if !member.contact.isEmpty { facts.append(("contact", member.contact)) }
    facts += [
      ("standing", standing), ("roles", member.roles.words), ("keys", "\(status.keysInForce.grouped) in force"),
      ("since", status.sincePosition == 0 ? "genesis" : "log position \(status.sincePosition)"),
    ]
    return facts.map { $0.0.padded(to: 10) + $0.1.visible }
  }

  /// An object with the same facts.
  package var json: JSONValue {
    .object(
      Self.terms(member) + [
        .init("standing", .text(standing)), .init("sincePosition", .number(status.sincePosition)),
        .init("keysInForce", .number(status.keysInForce)),
      ])
  }

  /// What is registered of a member, as members of an object.
  package static func terms(_ member: Cairn_V1_Member) -> [JSONValue.Member] {
    [
      .init("memberId", .text(member.id)), .init("legalName", .text(member.legalName)),
      .init("country", .text(member.country)), .init("lei", member.lei.isEmpty ? .null : .text(member.lei)),
      .init("contact", .text(member.contact)), .init("roles", .array(member.roles.names.map { .text($0) })),
    ]
  }

  private var member: Cairn_V1_Member { status.member }

  private var country: String { member.country == "ZZ" ? "not stated" : member.country }

  private var standing: String {
    switch status.standing {
    case .active: "active"
    case .suspended: "suspended"
    case .removed: "removed"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }
}
