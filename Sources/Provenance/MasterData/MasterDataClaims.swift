package import Primitives

/// Who speaks for a subject: of all that members said of it, what counts at a time.
///
/// A member's version at a time is the one with the latest `validFrom` that is not after it; of several with the same, the
/// one that stands last in the ledger. Of the members whose version is no withdrawal, the one that came first speaks for the
/// subject: nobody can push aside whoever was there before. A withdrawal gives that up; who describes the subject again
/// comes last.
package struct MasterDataClaims<Version: Sendable>: Sendable {
  private struct Claim: Sendable {
    /// When the member came, as a number.
    var turn: Int
    var current: (version: Version, validFrom: Instant, isWithdrawn: Bool)?
  }

  private let time: Instant
  private var claims: [MemberID: Claim] = [:]
  private var turn = 0

  /// Nobody has described the subject yet; `time` is when it is asked about.
  package init(at time: Instant) { self.time = time }

  /// Takes the next version in ledger order. One that does not hold yet at the time keeps its member's place all the same.
  package mutating func add(_ version: Version, by member: MemberID, validFrom: Instant?, isWithdrawn: Bool) {
    turn += 1
    let validFrom = validFrom ?? .earliest
    var claim = claims[member] ?? Claim(turn: turn)
    if validFrom <= time, claim.current.map({ $0.validFrom <= validFrom }) ?? true {
      if claim.current?.isWithdrawn == true { claim.turn = turn }
      claim.current = (version, validFrom, isWithdrawn)
    }
    claims[member] = claim
  }

  /// The versions that count, first that of the member that speaks for the subject, the others in the order in which their
  /// members came.
  package var standing: [Version] {
    claims.values.sorted { $0.turn < $1.turn }.compactMap { claim in
      claim.current.flatMap { $0.isWithdrawn ? nil : $0.version }
    }
  }
}
