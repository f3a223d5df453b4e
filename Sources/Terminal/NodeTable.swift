package import EPCIS
package import Primitives
package import Wire

/// Several nodes of one ledger side by side: how long their logs are, what is final, who is missing, and what will end.
package struct NodeTable: Sendable {
  /// What one node answered.
  package struct Answer: Sendable {
    let status: Cairn_V1_GetNodeStatusResponse
    let quorum: UInt32
    let nodes: UInt32
    let keyEnd: Int64

    /// A node's status, the quorum and the number of nodes as it sees them, and when its key ends, in microseconds since
    /// 1970-01-01T00:00:00Z, 0 meaning never.
    package init(status: Cairn_V1_GetNodeStatusResponse, quorum: UInt32, nodes: UInt32, keyEnd: Int64) {
      self.status = status
      self.quorum = quorum
      self.nodes = nodes
      self.keyEnd = keyEnd
    }
  }

  private let rows: [(address: String, answer: Result<Answer, Failure>)]

  /// What the nodes at these addresses answered, or why they did not.
  package init(_ rows: [(address: String, answer: Result<Answer, Failure>)]) { self.rows = rows }

  /// Whether each node answered, all keep one ledger, and each signs and reaches the engine.
  package var isWell: Bool { problems.isEmpty }

  /// The table.
  package var table: Table {
    var table = Table(
      ["NODE", "MEMBER", "HEIGHT", "LAG", "FINAL", "QUORUM", "MISSING", "ENGINE", "KEY UNTIL"],
      flexible: ["NODE", "MISSING", "ENGINE"])
    for (address, answer) in rows {
      switch answer {
      case .success(let answer): table.add([address] + cells(answer))
      case .failure(let failure): table.add([address, "-", "-", "-", "-", "-", "-", failure.reason, "-"])
      }
    }
    return table
  }

  /// A line for each thing that somebody has to look at.
  package var problems: [String] {
    var problems: [String] = []
    let ledgers = Set(answers.map(\.status.ledgerID))
    if ledgers.count > 1 { problems.append("these nodes keep \(ledgers.count) different ledgers") }
    for (size, roots) in Dictionary(grouping: answers, by: \.status.logSize)
    where Set(roots.map(\.status.root)).count > 1 {
      problems.append("logs of \(size) entries have different roots: somebody has two histories")
    }
    for (address, answer) in rows {
      switch answer {
      case .success(let answer): problems += Self.problems(answer.status).map { "\(address): \($0)" }
      case .failure(let failure): problems.append("\(address): \(failure.message)")
      }
    }
    return problems.map(\.visible)
  }

  /// An array of objects with the same facts.
  package var json: JSONValue {
    .array(
      rows.map { address, answer in
        switch answer {
        case .success(let answer): .object([.init("node", .text(address))] + members(answer))
        case .failure(let failure):
          .object([
            .init("node", .text(address)), .init("reason", .text(failure.reason)),
            .init("message", .text(failure.message)),
          ])
        }
      })
  }

  private var answers: [Answer] { rows.compactMap { try? $0.answer.get() } }

  private var height: UInt64 { answers.map(\.status.logSize).max() ?? 0 }

  private func cells(_ answer: Answer) -> [String] {
    let status = answer.status
    return [
      status.memberID, status.logSize.grouped, (height - status.logSize).grouped, status.certifiedSize.grouped,
      "\(answer.quorum) of \(answer.nodes)",
      status.missingMemberIds.isEmpty ? "-" : status.missingMemberIds.joined(separator: " "),
      status.engineState.words + (status.catchingUp ? ", catching up" : ""),
      answer.keyEnd == 0 ? "for ever" : String(RecordedTime(answer.keyEnd).text.prefix(10)),
    ]
  }

  private func members(_ answer: Answer) -> [JSONValue.Member] {
    let status = answer.status
    return [
      .init("memberId", .text(status.memberID)), .init("ledgerId", .hex(status.ledgerID)),
      .init("keyId", .hex(status.keyID)), .init("logSize", .number(status.logSize)), .init("root", .hex(status.root)),
      .init("lag", .number(height - status.logSize)), .init("certifiedSize", .number(status.certifiedSize)),
      .init("quorum", .number(answer.quorum)), .init("nodes", .number(answer.nodes)),
      .init("missing", .array(status.missingMemberIds.map { .text($0) })),
      .init("lastSignedSize", .number(status.lastSignedSize)), .init("stopped", .text(status.stoppedReason)),
      .init("engine", .text(status.engineState.words)), .init("engineMessage", .text(status.engineMessage)),
      .init("epoch", .number(status.epoch)), .init("catchingUp", .boolean(status.catchingUp)),
      .init("keyEnd", answer.keyEnd == 0 ? .null : .text("\(Instant(microseconds: answer.keyEnd))")),
      .init("serverVersion", .text(status.serverVersion)),
    ]
  }

  private static func problems(_ status: Cairn_V1_GetNodeStatusResponse) -> [String] {
    var problems: [String] = []
    if !status.stoppedReason.isEmpty { problems.append("signs no more: \(status.stoppedReason)") }
    if !status.engineMessage.isEmpty || ![.none, .connected].contains(status.engineState) {
      problems.append(
        "engine \(status.engineState.words)" + (status.engineMessage.isEmpty ? "" : ": \(status.engineMessage)"))
    }
    return problems
  }
}

extension Cairn_V1_EngineState {
  /// In a word or two.
  fileprivate var words: String {
    switch self {
    case .none: "none"
    case .connected: "connected"
    case .away: "away"
    case .lost: "lost"
    case .rolledBack: "rolled back"
    case .trimmed: "trimmed"
    default: "not said"
    }
  }
}
