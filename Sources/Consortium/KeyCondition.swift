package import Primitives

/// Whether a key is in force, or why not.
package enum KeyCondition: Hashable, Sendable {
  /// It may do what its roles allow.
  case inForce
  /// Its validity begins at that ledger time.
  case notYetValid(from: Instant)
  /// Its validity ended at that ledger time.
  case expired(at: Instant)
  /// It was revoked at that position of the log.
  case revoked(position: UInt64)
  /// A vote holds it up.
  case paused
  /// Its member is suspended.
  case memberSuspended(MemberID)
  /// Its member was removed.
  case memberRemoved(MemberID)

  /// A stable word for why the key is not in force; nil while it is.
  package var reason: String? {
    switch self {
    case .inForce: nil
    case .notYetValid: "KEY_NOT_YET_VALID"
    case .expired: "KEY_EXPIRED"
    case .revoked: "KEY_REVOKED"
    case .paused: "KEY_PAUSED"
    case .memberSuspended: "MEMBER_SUSPENDED"
    case .memberRemoved: "MEMBER_REMOVED"
    }
  }

  /// Refuses what the key `id` would do at ledger time `time` unless it is in force.
  package func requireInForce(_ id: KeyID, at time: Instant, _ kind: Failure.Kind = .unauthenticated) throws(Failure) {
    guard let reason else { return }
    let explanation =
      switch self {
      case .inForce: "is in force"
      case .notYetValid(let start): "is valid from \(start) on; the ledger's time is \(time)"
      case .expired(let end): "was valid before \(end); the ledger's time is \(time)"
      case .revoked(let position): "was revoked at log position \(position); use a key that is in force"
      case .paused: "is paused by a vote of the members until they resume it"
      case .memberSuspended(let member): "belongs to \(member), which is suspended until the members reinstate it"
      case .memberRemoved(let member): "belongs to \(member), which is no longer a member"
      }
    throw Failure(kind, reason, "key \(id) \(explanation)")
  }
}

extension AuthorKey {
  /// How the key stands as a key of `member` at that ledger time, as an entry at `position` finds it.
  func condition(under member: Member, at time: Instant, position: UInt64) -> KeyCondition {
    if let revocation, revocation.place.position < position {
      return .revoked(position: revocation.place.position)
    }
    switch member.standing.value(at: position) {
    case .active: break
    case .suspended: return .memberSuspended(member.id)
    case .removed: return .memberRemoved(member.id)
    }
    if pause.value(at: position) { return .paused }
    if time < notBefore { return .notYetValid(from: notBefore) }
    if let end = notAfter.value(at: position), end <= time { return .expired(at: end) }
    return .inForce
  }
}
