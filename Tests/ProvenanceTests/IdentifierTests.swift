import Primitives
import Provenance
import Testing

@Suite struct IdentifierTests {
  @Test func theVectorsCoverEveryScheme() {
    let schemes = Set(Fixtures.identifiers.map(\.scheme))
    #expect(schemes == Set(Identifier.Scheme.allCases.map(\.rawValue)))
    #expect(Fixtures.identifiers.count > 150)
    #expect(Fixtures.refused.count > 80)
  }

  @Test(arguments: Fixtures.identifiers) func everySpellingHasOneCanonicalForm(_ vector: IdentifierCase) throws {
    for spelling in vector.spellings {
      let identifier = try Identifier(spelling)
      #expect(identifier.canonical == vector.canonical, "\(spelling)")
      #expect(identifier.scheme.rawValue == vector.scheme, "\(spelling)")
      #expect(identifier.level.rawValue == vector.level, "\(spelling)")
      #expect(identifier.text == spelling)
    }
  }

  @Test(arguments: Fixtures.identifiers) func theCanonicalFormIsItsOwn(_ vector: IdentifierCase) throws {
    let again = try Identifier(vector.canonical)
    #expect(again.canonical == vector.canonical)
    #expect(again.scheme.rawValue == vector.scheme)
    #expect(again.level.rawValue == vector.level)
  }

  @Test(arguments: Fixtures.identifiers) func spellingsAreEqualAndHashAlike(_ vector: IdentifierCase) throws {
    let identifiers = try Set(vector.spellings.map(Identifier.init))
    #expect(identifiers.count == 1)
  }

  @Test(arguments: Fixtures.refused) func whatIsWrongIsRefusedWithItsReason(_ vector: RefusedCase) {
    let failure = #expect(throws: Failure.self) { try Identifier(vector.text) }
    #expect(failure?.reason == vector.reason, "\(failure?.message ?? "")")
    #expect(failure?.kind == .malformed)
    #expect(failure?.violations.map(\.field) == [""])
  }

  @Test func theMessageSaysWhatWouldBeRight() {
    let failure = #expect(throws: Failure.self) { try Identifier("(01)09506000134353") }
    #expect(failure?.message == "(01) check digit is 3, computed 2")
    let outer = failure?.under("epc_list.items[0]")
    #expect(outer?.violations.map(\.field) == ["epc_list.items[0]"])
    #expect(outer?.message == "epc_list.items[0]: (01) check digit is 3, computed 2")
  }
}
