import Testing

@testable import Ledger

@Suite struct TermTests {
  private func upperHalf(_ term: Term) -> UInt64 { term.rawValue >> 32 }

  @Test func siblingsStandTogetherAndApartFromOthers() {
    let run = (100..<900).map { Term.item("https://id.gs1.org/01/09521321000018/21/A12\($0)") }
    #expect(Set(run).count == run.count)
    #expect(Set(run.map(upperHalf)).count == 1)
    let others = (100..<900).map { Term.item("https://id.gs1.org/01/09521321000018/21/A\($0)000") }
    #expect(Set((run + others).map(upperHalf)).count == 801)
  }

  /// Whatever the length, every character counts.
  @Test func everyCharacterCounts() {
    for length in 0...40 {
      let text = Array(repeating: "x" as Character, count: length)
      var terms: Set<Term> = [.item(String(text))]
      for index in text.indices {
        var changed = text
        changed[index] = "y"
        terms.insert(.item(String(changed)))
      }
      #expect(terms.count == length + 1, "\(length) characters")
    }
  }

  @Test func theSameTextMeansSomethingElseElsewhere() {
    let text = "https://id.gs1.org/414/9521321000018"
    #expect(Set([Term.item(text), .readPoint(text), .bizLocation(text), .eventID(text)]).count == 4)
  }
}
