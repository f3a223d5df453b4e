import Primitives
import Provenance
import Testing

@Suite struct VocabularyTests {
  @Test(arguments: Vocabulary.allCases) func theWordsAreExactlyThoseOfTheStandard(_ vocabulary: Vocabulary) {
    let words = Fixtures.vocabulary.filter { $0.vocabulary == vocabulary.rawValue }.compactMap(\.spellings.first)
    #expect(!words.isEmpty)
    #expect(Set(vocabulary.words) == Set(words))
    #expect(vocabulary.words.count == words.count)
  }

  @Test(arguments: Fixtures.vocabulary) func everySpellingHasOneCanonicalForm(_ vector: VocabularyCase) throws {
    let vocabulary = try #require(Vocabulary(rawValue: vector.vocabulary))
    for spelling in vector.spellings {
      #expect(try Vocabulary.canonical(spelling, of: vocabulary) == vector.canonical)
    }
  }

  @Test(arguments: ["https://example.com/step/washing", "example:washing", "urn:example:washing"])
  func otherURIsPassUnchanged(_ text: String) throws {
    #expect(try Vocabulary.canonical(text, of: .bizStep) == text)
  }

  @Test(arguments: [
    "washing", "Shipping", "in_transit", "", "cbv:BizStep-washing", "cbv:Disp-active",
    "urn:epcglobal:cbv:bizstep:washing", "https://ref.gs1.org/cbv/BizStep-washing",
  ])
  func whatTheStandardDoesNotDefineIsRefused(_ text: String) {
    let failure = #expect(throws: Failure.self) { try Vocabulary.canonical(text, of: .bizStep) }
    #expect(failure?.reason == "UNKNOWN_VOCABULARY")
  }

  @Test func aURIMustBeOne() {
    let failure = #expect(throws: Failure.self) { try Vocabulary.canonical("example: washing", of: .bizStep) }
    #expect(failure?.reason == "INVALID_CHARACTER")
  }
}
