@testable import Consortium
import Primitives
import Testing

/// The identifiers of legal entities and countries.
@Suite struct IdentifierTests {
  // Published LEIs: Apple, Deutsche Bank, Bloomberg Finance, GLEIF.
  @Test(arguments: [
    "HWUPKR0MPOU8FGXBT394", "7LTWFZYICNSX8D621K86", "5493001KJTIIGC8Y1R12", "506700GE1G29325QX363",
  ]) func acceptsPublishedLEIs(lei: String) throws {
    try LEI.requireValid(lei, field: "lei")
  }

  /// A digit read as a letter may go unnoticed: it makes the number longer. All else is found.
  @Test func refusesEveryWrongCharacterAndSwapOfItsKind() {
    let lei = Array("506700GE1G29325QX363")
    for index in lei.indices {
      for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
      where other != lei[index] && other.isNumber == lei[index].isNumber {
        var wrong = lei
        wrong[index] = other
        #expect(throws: Failure.self) { try LEI.requireValid(String(wrong), field: "lei") }
      }
      var swapped = lei
      if index > 0, lei[index] != lei[index - 1], lei[index].isNumber == lei[index - 1].isNumber {
        swapped.swapAt(index, index - 1)
        #expect(throws: Failure.self) { try LEI.requireValid(String(swapped), field: "lei") }
      }
    }
  }

  @Test(arguments: ["", "506700GE1G29325QX36", "506700GE1G29325QX3633", "506700ge1g29325qx363", "506700GE1G29325QX3é3"])
  func refusesWhatDoesNotLookLikeOne(text: String) {
    #expect(refusal { try LEI.requireValid(text, field: "lei") } == "MALFORMED_LEI")
  }
}
