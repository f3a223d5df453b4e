import Primitives
import Testing

@Suite struct FailureTests {
  @Test func pathsGrowFromTheInside() {
    let inner = Failure.malformed("INVALID_CHECK_DIGIT", field: "epc_list.items[0]", "check digit is 3, computed 2")
    let outer = inner.under("provenance.event").under("records[7]")
    #expect(outer.violations.map(\.field) == ["records[7].provenance.event.epc_list.items[0]"])
    #expect(outer.message == "records[7].provenance.event.epc_list.items[0]: check digit is 3, computed 2")
    #expect(outer.reason == "INVALID_CHECK_DIGIT")
  }

  @Test func aFailureOfTheWholeNamesItsParent() {
    let outer = Failure.malformed("RECORD_SIZE", field: "", "0 bytes").under("records[2]")
    #expect(outer.violations.map(\.field) == ["records[2]"])
  }
}

@Suite struct MemberIDTests {
  @Test(arguments: ["a", "acme", "acme.example-1", String(repeating: "x", count: 64)])
  func takesShortPlainNames(name: String) { #expect(MemberID(name)?.description == name) }

  @Test(arguments: ["", "Acme", "a b", "a/b", "é", "a\n", String(repeating: "x", count: 65)])
  func refusesOthers(name: String) { #expect(MemberID(name) == nil) }
}

@Suite struct DigestTests {
  @Test func keepsItsBytes() throws {
    let bytes = (0..<32).map(UInt8.init)
    let digest = try #require(Digest(bytes))
    #expect(digest.bytes == bytes)
    #expect(digest.prefix64 == 0x0001_0203_0405_0607)
    #expect(Digest(hex: digest.description) == digest)
    #expect(Digest(bytes.dropLast()) == nil)
  }

  @Test func sortsByBytes() throws {
    let low = try #require(Digest([0, 255] + [UInt8](repeating: 255, count: 30)))
    let high = try #require(Digest([1] + [UInt8](repeating: 0, count: 31)))
    #expect(low < high)
  }
}
