import FoundationEssentials
import Primitives
import Terminal
import Testing
import Wire

@Suite("Nodes side by side show who lags, who is missing, and what somebody has to look at")
struct NodeTableTests {
  private func answer(
    _ member: String, _ size: UInt64, root: UInt8 = 1, ledger: UInt8 = 7, engine: Cairn_V1_EngineState = .connected,
    _ change: (inout Cairn_V1_GetNodeStatusResponse) -> Void = { _ in }
  ) -> Result<NodeTable.Answer, Failure> {
    var status = Cairn_V1_GetNodeStatusResponse()
    status.memberID = member
    status.ledgerID = Data(repeating: ledger, count: 32)
    status.logSize = size
    status.root = Data(repeating: root, count: 32)
    status.certifiedSize = min(size, 1_990)
    status.engineState = engine
    change(&status)
    return .success(.init(status: status, quorum: 3, nodes: 4, keyEnd: member == "acme" ? 0 : 1_800_000_000_000_000))
  }

  private func lines(_ nodes: NodeTable) -> [String] { nodes.table.lines(style: .plain, width: nil) }

  @Test func aWellConsortium() throws {
    let nodes = NodeTable([
      ("a:1", answer("acme", 2_000)), ("b:1", answer("bolt", 1_988) { $0.missingMemberIds = ["core", "dock"] }),
    ])
    #expect(nodes.isWell && nodes.problems == [])
    let lines = lines(nodes)
    #expect(lines.count == 3 && lines[0].hasPrefix("NODE"))
    #expect(lines[1].contains("2,000   0    1,990  3 of 4") && lines[1].hasSuffix("for ever"))
    #expect(lines[2].contains("1,988   12   1,988  3 of 4  core dock") && lines[2].hasSuffix("2027-01-15"))
  }

  @Test func whoeverDoesNotAnswerIsSaid() {
    let away = Failure(.unavailable, "SERVER_UNREACHABLE", "nobody listens at b:1\u{1b}[2J")
    let nodes = NodeTable([("a:1", answer("acme", 5)), ("b:1", .failure(away))])
    #expect(!nodes.isWell && lines(nodes)[2].contains("SERVER_UNREACHABLE"))
    #expect(nodes.problems.count == 1 && !nodes.problems[0].contains("\u{1b}"))
  }

  @Test func twoHistoriesAndTwoLedgersAreSaid() {
    let fork = NodeTable([("a:1", answer("acme", 5)), ("b:1", answer("bolt", 5, root: 2))])
    #expect(fork.problems == ["logs of 5 entries have different roots: somebody has two histories"])
    let others = NodeTable([("a:1", answer("acme", 5)), ("b:1", answer("bolt", 6, root: 2, ledger: 8))])
    #expect(others.problems == ["these nodes keep 2 different ledgers"])
  }

  @Test(arguments: [
    Cairn_V1_EngineState.away, .lost, .rolledBack, .trimmed, .unspecified, .UNRECOGNIZED(99),
  ])
  func anEngineThatIsNotThereIsSaid(_ state: Cairn_V1_EngineState) {
    let nodes = NodeTable([("a:1", answer("acme", 5, engine: state) { $0.engineMessage = "why" })])
    #expect(nodes.problems.count == 1 && nodes.problems[0].hasSuffix(": why"))
  }

  @Test func aNodeThatDoesNotFollowAnEngineThatItReachesIsSaid() {
    let nodes = NodeTable([("a:1", answer("acme", 5) { $0.engineMessage = "DISK_FULL: no room" })])
    #expect(nodes.problems == ["a:1: engine connected: DISK_FULL: no room"])
  }

  @Test func aNodeThatSignsNoMoreIsSaid() {
    let nodes = NodeTable([("a:1", answer("acme", 5, engine: .none) { $0.stoppedReason = "it diverged" })])
    #expect(nodes.problems == ["a:1: signs no more: it diverged"])
  }
}
