import Testing

@testable import Provenance

@Suite struct CharacterSetTests {
  /// The sets, spelled out from the GS1 General Specifications, RFC 3986 and the EPC Tag Data Standard.
  static let sets: [(CharacterSet, String)] = {
    let digits = "0123456789"
    let capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    let letters = capitals + capitals.lowercased()
    return [
      (.digits, digits), (.set82, digits + letters + "!\"%&'()*+,-./:;<=>?_"), (.set39, digits + capitals + "#-/"),
      (.unreserved, digits + letters + "-._~"), (.neverInURI, " \"<>\\^`{|}"), (.escapedInURN, "\"&/<>?#"),
    ]
  }()

  @Test(arguments: Array(sets.indices)) func aSetHoldsExactlyItsCharacters(_ index: Int) {
    let (set, characters) = Self.sets[index]
    #expect((UInt8.min...UInt8.max).filter(set.contains) == characters.utf8.sorted())
  }
}
