package import Consortium
package import Primitives

extension Recovery {
  /// The opening of the epoch after the one that the statements close, made where the log reaches the base: `root` is this
  /// node's own root over its first entries, nil beyond its end, `path` its consistency path from one size to a larger one.
  /// `chosen` is the base that the members agreed on, where they did not leave it to the rule.
  /// Statements of unknown keys do not count. Fails as `base` does, and with BASE_UNDECIDED where this node's log does not have
  /// the base.
  package static func opening(
    statements: [SignedStatement], directory: Directory, signers: [Signers], choosing chosen: LogPoint? = nil,
    acceptingIncomplete: Bool = false, root: Certifier.RootSource,
    path: (UInt64, UInt64) throws(Failure) -> [Digest]
  ) throws(Failure) -> EpochOpening {
    let verified = verified(statements, directory)
    let own = points(of: verified).union([chosen].compactMap(\.self)).filter { root($0.size) == $0.root }.sorted()
    var links: [ConsistencyLink] = []
    for (smaller, larger) in zip(own, own.dropFirst()) {
      links.append(try ConsistencyLink(from: smaller, to: larger, path: path(smaller.size, larger.size)))
    }
    let base = try base(
      of: statements, directory: directory, signers: signers, choosing: chosen,
      acceptingIncomplete: acceptingIncomplete, proven: ProvenPrefixes(links))
    guard root(base.size) == base.root else {
      throw undecided("this node's log does not have \(base), which the statements lead to")
    }
    guard let first = verified.first?.statement else {
      throw .malformed("MIXED_STATEMENTS", field: "statements", "no statements")
    }
    return EpochOpening(
      ledgerID: first.ledgerID, epoch: first.closedEpoch + 1, base: base, statements: statements, links: links)
  }

  /// Where the log goes on: at the best base, or at the one that was chosen, if that is safe. `proven` says what is known
  /// of the logs that the statements name. Fails with preconditionFailed QUORUM_NOT_MET or BASE_UNDECIDED, whose message says what would
  /// help, with malformed MIXED_STATEMENTS, and with BASE_INCOMPLETE where an honest node's promise may be broken, unless that is
  /// accepted.
  package static func base(
    of statements: [SignedStatement], directory: Directory, signers: [Signers], choosing chosen: LogPoint? = nil,
    acceptingIncomplete: Bool = false, proven: ProvenPrefixes
  ) throws(Failure) -> LogPoint {
    let verified = verified(statements, directory)
    let judged = try judge(
      chosen.map { [$0] } ?? points(of: verified), by: verified, proven: proven, signers: signers)
    guard let best = judged.first else {
      throw chosen.map(unsafe)
        ?? undecided("the logs that \(verified.count) members name are not proved to continue one another")
    }
    guard best.isComplete || acceptingIncomplete else {
      throw Failure(
        .preconditionFailed, "BASE_INCOMPLETE",
        "\(best.base) would be safe for all that is FINAL, but an honest node may have cosigned another log, and its key "
          + "could not sign again; first run this where the longest log is, and with all members' statements")
    }
    return best.base
  }

  /// Whether this node may follow an opening that the engine gave it: the next epoch of its ledger, from a base that is safe by
  /// signed statements. `signers` are all those in charge from this node's last FINAL checkpoint on, as far as its log goes
  /// with the base. Fails with preconditionFailed WRONG_LEDGER or WRONG_EPOCH, and as `base` does.
  package static func judge(
    _ opening: EpochOpening, ledgerID: Digest, epoch: UInt64, directory: Directory, signers: [Signers],
    root: Certifier.RootSource
  ) throws(Failure) {
    guard opening.ledgerID == ledgerID else {
      throw Failure(.preconditionFailed, "WRONG_LEDGER", "the opening is of ledger \(opening.ledgerID)")
    }
    let closed = opening.statements.allSatisfy { $0.statement.closedEpoch + 1 == opening.epoch }
    guard opening.epoch == epoch, closed else {
      throw Failure(
        .preconditionFailed, "WRONG_EPOCH", "an opening of epoch \(opening.epoch); epoch \(epoch) is to be opened")
    }
    let verified = verified(opening.statements, directory)
    guard verified.allSatisfy({ $0.statement.ledgerID == ledgerID }) else {
      throw Failure(.preconditionFailed, "WRONG_LEDGER", "a statement is of another ledger")
    }
    var proven = ProvenPrefixes(opening.links)
    proven.add(points(of: verified) + [opening.base], of: root)
    try requireSafe(opening.base, statements: verified, proven: proven, signers: signers)
  }

  /// Every log that the statements name.
  package static func points(of statements: [VerifiedStatement]) -> Set<LogPoint> {
    Set(statements.flatMap { [$0.statement.log] + ($0.statement.signed.map { [$0] } ?? []) })
  }

  /// The statements of known nodes: whoever joined after the base does not count there.
  private static func verified(_ statements: [SignedStatement], _ directory: Directory) -> [VerifiedStatement] {
    statements.prefix(EngineLimits.statements).compactMap { try? $0.verified(by: directory) }
  }
}
