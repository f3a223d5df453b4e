package import Primitives
package import Wire

/// Who may read a record besides its author's member, auditors and regulators.
package enum Visibility: Hashable, Sendable {
  /// Everyone, without identity.
  case `public`
  /// Every member in good standing.
  case members
  /// The members named.
  case parties(Set<MemberID>)

  /// Parses a record's visibility, MEMBERS when there is none; field paths start at the message.
  package init(_ wire: Cairn_V1_Visibility?) throws(Failure) {
    guard let wire else {
      self = .members
      return
    }
    switch wire.audience {
    case .public: self = .public
    case .members, .unspecified: self = .members
    case .parties:
      self = try at("member_ids") { () throws(Failure) in try Self.parties(wire.memberIds) }
      return
    case .UNRECOGNIZED(let number):
      throw .malformed("UNKNOWN_AUDIENCE", field: "audience", "\(number); PUBLIC, MEMBERS or PARTIES expected")
    }
    guard wire.memberIds.isEmpty else {
      throw .malformed("MISPLACED_FIELD", field: "member_ids", "only AUDIENCE_PARTIES names members")
    }
  }

  private static func parties(_ names: [String]) throws(Failure) -> Visibility {
    guard (1...100).contains(names.count) else {
      throw .malformed("MEMBER_COUNT", field: "", "\(names.count) members; 1 to 100 expected")
    }
    var ids: Set<MemberID> = []
    var last = ""
    for (index, name) in names.enumerated() {
      ids.insert(try MemberID(parsing: name, field: "[\(index)]"))
      guard last < name else {
        throw .malformed("NOT_SORTED", field: "[\(index)]", "'\(name)' stands after '\(last)'; sort, each member once")
      }
      last = name
    }
    return .parties(ids)
  }
}
