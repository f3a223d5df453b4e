import Primitives
import Terminal
import Testing

@Suite struct ExitStatusTests {
  @Test(arguments: Failure.Kind.allCases) func onlyAServerOutOfReachIsWorthAnotherTry(kind: Failure.Kind) {
    let status = ExitStatus(Failure(kind, "REASON", "message"))
    #expect(status == (kind == .unavailable ? .unreachable : .refused))
  }

  /// The numbers are promised in the help.
  @Test func theNumbersStay() {
    #expect([ExitStatus.done, .refused, .usage, .unreachable].map(\.rawValue) == [0, 1, 2, 3])
  }
}
