package import Primitives
package import Wire

/// An organisation of the consortium, and how it came to stand as it does.
package struct Member: Equatable, Sendable {
  /// What was registered when it joined.
  package let terms: MemberTerms
  /// The record with which it joined.
  package let joinedAt: RecordPlace
  /// The roles its keys may have.
  package internal(set) var roles: Timeline<Roles>
  /// Whether it takes part.
  package internal(set) var standing: Timeline<Standing>

  init(_ terms: MemberTerms, joinedAt: RecordPlace) {
    self.terms = terms
    self.joinedAt = joinedAt
    roles = Timeline(terms.roles, at: joinedAt.position)
    standing = Timeline(.active, at: joinedAt.position)
  }

  /// Its name in the ledger.
  package var id: MemberID { terms.id }
  /// Its registered name.
  package var legalName: String { terms.legalName }
  /// Where it is registered: ISO 3166-1 alpha-2.
  package var country: String { terms.country }
  /// Its Legal Entity Identifier (ISO 17442), if it has one.
  package var lei: String? { terms.lei }
  /// How people reach it; may be empty.
  package var contact: String { terms.contact }
}

/// How a member stands.
package enum Standing: String, Hashable, Sendable, CaseIterable {
  /// In good standing.
  case active
  /// Suspended by vote.
  case suspended
  /// Removed by vote, for good.
  case removed

  /// The standing's name on the wire.
  package var wire: Cairn_V1_Standing {
    switch self {
    case .active: .active
    case .suspended: .suspended
    case .removed: .removed
    }
  }
}
