package import Primitives

/// What a caller may read, as the directory stands at one ledger time.
package struct Reader: Sendable {
  private enum Reach {
    case onlyPublic, asMember(MemberID), everything
  }

  private let reach: Reach

  /// The rights of `caller` under `directory` at that ledger time.
  package init(_ caller: Caller, directory: Directory, at time: Instant) {
    guard case .key(let presented) = caller, let key = directory.keys[presented.id] else {
      reach = .onlyPublic
      return
    }
    let roles = directory.effectiveRoles(of: key, at: time)
    if roles.contains(.auditor) || roles.contains(.regulator) {
      reach = .everything
    } else {
      reach = roles.isSubset(of: [.device]) ? .onlyPublic : .asMember(key.memberID)
    }
  }

  /// Whether records are readable whatever their visibility.
  package var readsEverything: Bool { if case .everything = reach { true } else { false } }

  /// Whether a record of that visibility, by a key of the member `author`, is readable. Only PARTIES asks for the author.
  package func mayRead(
    _ visibility: Visibility, of author: @autoclosure () throws -> MemberID?
  ) rethrows -> Bool {
    switch (reach, visibility) {
    case (.everything, _), (_, .public): true
    case (.onlyPublic, _): false
    case (.asMember, .members): true
    case (.asMember(let member), .parties(let parties)): try parties.contains(member) || author() == member
    }
  }
}
