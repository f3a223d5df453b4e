import EPCIS
import Primitives
import Testing

@Suite struct JSONTests {
  @Test(arguments: ["0", "-0", "0.10", "1E+3", "1e-9", "-12.5e007", "12345678901234567890.000"])
  func numbersKeepTheirText(_ number: String) throws {
    #expect(try JSONValue.parse(" [\(number)]") == .array([.number(number)]))
    #expect(JSONWriter.compact(.number(number)) == Array(number.utf8))
  }

  @Test func membersKeepTheirOrder() throws {
    let text = #"{"b":1,"a":{"z":[],"y":{}},"":null}"#
    #expect(JSONWriter.compact(try .parse(text)) == Array(text.utf8))
  }

  @Test func prettyTextIsIndentedByTwo() throws {
    let pretty = JSONWriter.pretty(try .parse(#"{"a":[1,{}],"b":[]}"#))
    #expect(String(decoding: pretty, as: UTF8.self) == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\n")
  }

  @Test func escapesAreUnderstoodAndWritten() throws {
    let value = try JSONValue.parse(#""\"\\\/\b\f\n\r\t\u0041\ud83c\udf3f\u0000""#)
    #expect(value == .text("\"\\/\u{8}\u{C}\n\r\tA🌿\0"))
    #expect(String(decoding: JSONWriter.compact(value), as: UTF8.self) == #""\"\\/\b\f\n\r\tA🌿\u0000""#)
  }

  @Test func twoSpellingsOfOneLetterAreTwoNames() throws {
    let value = try JSONValue.parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
    guard case .object(let members) = value else {
      Issue.record("no object")
      return
    }
    #expect(members.count == 2)
  }

  @Test func aDuplicateAmongManyNamesIsFound() throws {
    let names = (0..<40).map { "\"n\($0)\":0" }.joined(separator: ",")
    #expect(try JSONValue.parse("{\(names)}").kind == "an object")
    #expect(failure { try JSONValue.parse("{\(names),\"n33\":0}") }?.reason == "JSON_DUPLICATE_NAME")
  }

  @Test func aByteOrderMarkIsSkipped() throws {
    #expect(try JSONValue.parse("\u{FEFF}true") == .boolean(true))
  }

  @Test func pointersAreEscaped() throws {
    let node = JSONNode(try .parse(#"{"a/b": [{"~": 1}]}"#))
    let inner = try #require(node.member("a/b")?.elements().first?.member("~"))
    #expect(inner.pointer.description == "/a~1b/0/~0")
    #expect(node.pointer.description == "")
  }

  @Test func limitsHold() throws {
    let small = JSONLimits(byteCount: 20, depth: 2, valueCount: 4, memberCount: 2, numberLength: 3)
    func reason(_ text: String) -> String? { failure { try JSONParser.parse(Array(text.utf8), limits: small) }?.reason }
    #expect(reason("[[]]") == nil)
    #expect(reason("[[[]]]") == "JSON_TOO_DEEP")
    #expect(reason("[1,2,3]") == nil)
    #expect(reason("[1,2,3,4]") == "JSON_TOO_MANY_VALUES")
    #expect(reason(#"{"a":1,"b":2}"#) == nil)
    #expect(reason(#"{"a":1,"b":2,"c":3}"#) == "JSON_TOO_MANY_MEMBERS")
    #expect(reason("123") == nil)
    #expect(reason("1234") == "JSON_NUMBER_TOO_LONG")
    #expect(reason(String(repeating: " ", count: 20) + "1") == "JSON_TOO_LARGE")
  }
}
