import Primitives
import Terminal
import Testing

@Suite struct FailureLinesTests {
  @Test(arguments: [(5_000, "5 s"), (100, "100 ms"), (2_500, "2500 ms")])
  func aFailureThatPassesSaysWhenToTryAgain(wait: Int, words: String) {
    let failure = Failure(.unavailable, "HASH_INDEX_BEHIND", "ask again later", retryAfterMilliseconds: wait)
    #expect(failure.lines == ["error: HASH_INDEX_BEHIND: ask again later", "       try again in \(words)"])
  }

  @Test func everyViolationHasALine() {
    let failure = Failure(
      .malformed, "REASON", "a: one",
      violations: [.init(field: "a", description: "one"), .init(field: "b\n", description: "two")])
    #expect(failure.lines == ["error: REASON: a: one", "       \("b\n".visible): two"])
  }
}
