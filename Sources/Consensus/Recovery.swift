package import Primitives

/// Where the log goes on when an epoch ends.
///
/// A base is safe if fewer statements show something outside of it than any FINAL checkpoint outside of it would make honest
/// members show: then nothing FINAL is given up while fewer than a third of the members lie. Of the safe bases the rule takes
/// the smallest one that also has everything in it which an honest member, heard or not, can have cosigned.
package enum Recovery {
  /// Which of these logs are safe bases, the best first, and whether each has everything in it that an honest member can have
  /// cosigned; `proven` says what is known of the logs that the statements name. `signers` are all those in charge from the last
  /// FINAL checkpoint that this node knows to the end of its log.
  ///
  /// Fails with preconditionFailed QUORUM_NOT_MET or malformed MIXED_STATEMENTS.
  package static func judge(
    _ logs: Set<LogPoint>, by statements: [VerifiedStatement], proven: ProvenPrefixes, signers: [Signers]
  ) throws(Failure) -> [(base: LogPoint, isComplete: Bool)] {
    let votes = try votes(statements, signers: signers)
    let judged = logs.map { (base: $0, verdict: Verdict($0, votes, proven)) }
    let safe = judged.filter(\.verdict.isSafe).sorted {
      ($0.verdict.signed, $0.verdict.logs, $0.base) < ($1.verdict.signed, $1.verdict.logs, $1.base)
    }
    return safe.map { ($0.base, $0.verdict.logs == 0) }
  }

  /// Refuses a base by which something FINAL could be given up: preconditionFailed BASE_UNDECIDED, or as `judge` does.
  static func requireSafe(
    _ base: LogPoint, statements: [VerifiedStatement], proven: ProvenPrefixes, signers: [Signers]
  ) throws(Failure) {
    guard try !judge([base], by: statements, proven: proven, signers: signers).isEmpty else { throw unsafe(base) }
  }

  static func unsafe(_ base: LogPoint) -> Failure {
    undecided("\(base) would not be safe: it may leave out something that is FINAL")
  }

  static func undecided(_ what: String) -> Failure {
    Failure(
      .preconditionFailed, "BASE_UNDECIDED",
      "\(what); run this where the longest log is, fetch the missing entries from peers, add more members' statements, or "
        + "agree on one of the logs that they name")
  }

  /// What one set of signers says.
  private struct Votes {
    let statements: [Statement]
    /// How many honest statements, at least, show a checkpoint that is FINAL.
    let least: Int
  }

  private static func votes(
    _ statements: [VerifiedStatement], signers: [Signers]
  ) throws(Failure) -> [Votes] {
    guard let first = statements.first?.statement,
      statements.allSatisfy({
        $0.statement.ledgerID == first.ledgerID && $0.statement.closedEpoch == first.closedEpoch
      })
    else {
      throw .malformed("MIXED_STATEMENTS", field: "statements", "statements of one ledger and one epoch expected")
    }
    // Whoever says two things is treated as if it had said nothing; the same under several keys is one.
    let byMember = Dictionary(grouping: statements, by: \.member)
      .filter { Set($0.value.map(\.statement)).count == 1 }
    // Where the quorum is out of reach nothing was made FINAL.
    let able = signers.filter { $0.quorum <= $0.memberCount }
    guard !able.isEmpty else {
      throw Failure(.preconditionFailed, "QUORUM_NOT_MET", "too few members have a NODE key in force to make a quorum")
    }
    var votes: [Votes] = []
    for signers in able {
      let heard = byMember.compactMap { member, said in
        said.first { signers.members[$0.key] == member }?.statement
      }
      let least = signers.quorum - (signers.memberCount - heard.count) - signers.mayLie
      guard heard.count >= signers.quorum, least > 0 else {
        throw Failure(
          .preconditionFailed, "QUORUM_NOT_MET",
          "statements of \(heard.count) members; \(signers.quorum) of \(signers.memberCount) are needed",
          metadata: ["present": String(heard.count), "needed": String(signers.quorum)])
      }
      votes.append(Votes(statements: heard, least: least))
    }
    return votes
  }

  /// How a base stands to what was said.
  private struct Verdict {
    /// Whether nothing FINAL is outside of it.
    var isSafe = true
    /// Logs outside of it, if so many that an honest member may have cosigned there.
    var logs = 0
    /// Signed checkpoints outside of it, if so.
    var signed = 0

    init(_ base: LogPoint, _ votes: [Votes], _ proven: ProvenPrefixes) {
      for vote in votes {
        let logsOutside = vote.statements.count { !proven.isPrefix($0.log, of: base) }
        let signedOutside = vote.statements.count { $0.signed.map { !proven.isPrefix($0, of: base) } ?? false }
        if signedOutside >= vote.least { isSafe = false }
        if logsOutside >= vote.least {
          logs = max(logs, logsOutside)
          signed = max(signed, signedOutside)
        }
      }
    }
  }
}
