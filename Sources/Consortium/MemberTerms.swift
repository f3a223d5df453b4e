package import Primitives
package import Wire

/// A member as it is registered, well-formed on its own.
package struct MemberTerms: Hashable, Sendable {
  /// Its name in the ledger.
  package let id: MemberID
  /// Its registered name: 1 to 256 bytes.
  package let legalName: String
  /// Where it is registered: ISO 3166-1 alpha-2.
  package let country: String
  /// Its Legal Entity Identifier (ISO 17442), if it has one.
  package let lei: String?
  /// How people reach it: at most 256 bytes.
  package let contact: String
  /// The roles its keys may have at first.
  package let roles: Roles

  /// Parses a member; field paths start at the message.
  package init(_ wire: Cairn_V1_Member) throws(Failure) {
    id = try MemberID(parsing: wire.id, field: "id")
    guard !wire.legalName.isEmpty else {
      throw .malformed("MISSING_FIELD", field: "legal_name", "the member's registered name must be present")
    }
    try requireText(wire.legalName, atMost: 256, field: "legal_name")
    legalName = wire.legalName
    guard Country.isKnown(wire.country) else {
      throw .malformed("UNKNOWN_COUNTRY", field: "country", "an ISO 3166-1 alpha-2 code expected, for example CN")
    }
    country = wire.country
    if !wire.lei.isEmpty { try LEI.requireValid(wire.lei, field: "lei") }
    lei = wire.lei.isEmpty ? nil : wire.lei
    try requireText(wire.contact, atMost: 256, field: "contact")
    contact = wire.contact
    roles = try at("roles") { () throws(Failure) in try Roles(wire.roles) }
  }
}
