package import Primitives

extension Policy {
  /// The most outside witnesses that a log may ask.
  package static let maxOutsideWitnesses = 16

  /// This policy with witnesses from outside, `required` of which must have cosigned besides everybody who had to before.
  /// Fails with MALFORMED_POLICY where a name or a key is taken, or more are required than there are.
  package func adding(_ outside: [Witness], required: Int) throws(Failure) -> Policy {
    var policy = self
    for witness in outside { try policy.add(witness) }
    guard required > 0 else { return policy }
    try policy.add(Group(name: Self.outsideName, threshold: required, members: outside.map(\.name)))
    guard let quorum else {
      try policy.require(Self.outsideName)
      return policy
    }
    try policy.add(Group(name: Self.bothName, threshold: 2, members: [quorum, Self.outsideName]))
    try policy.require(Self.bothName)
    return policy
  }

  // No member's id has a slash.
  private static let outsideName = "witnesses/outside"
  private static let bothName = "witnesses/all"
}
