import Testing

@testable import Provenance

@Suite struct ExactNumberTests {
  @Test(arguments: [
    ("0", "0"), ("-0.00", "0"), ("1.50", "1.5"), ("-12.5e-1", "-1.25"), ("2E3", "2000"), ("0.1e1", "1"),
    ("1e-36", "0.000000000000000000000000000000000001"),
    ("999999999999999999999999999999999999", "999999999999999999999999999999999999"),
  ])
  func numbersHaveOneForm(_ text: String, _ form: String) { #expect(ExactNumber(text)?.description == form) }

  @Test(arguments: [
    "", "1e37", "1e-37", "1e999999999999999999999", "1000000000000000000000000000000000000", "1e36",
    "0.0000000000000000000000000000000000001", "1e9223372036854775807", "1e-9223372036854775808",
  ])
  func whatIsTooLongIsNone(_ text: String) { #expect(ExactNumber(text) == nil) }

  @Test(arguments: [
    ("0.1", "0.2", "0.3"), ("60.5", "-60.50", "0"), ("1e20", "1e-15", "100000000000000000000.000000000000001"),
  ])
  func sumsAreExact(_ left: String, _ right: String, _ sum: String) throws {
    let left = try #require(ExactNumber(left))
    let right = try #require(ExactNumber(right))
    #expect(left.adding(right)?.description == sum)
    #expect(right.adding(left)?.description == sum)
  }

  @Test func aSumOfTooManyDigitsIsNone() throws {
    let large = try #require(ExactNumber("1e35"))
    let small = try #require(ExactNumber("1e-35"))
    #expect(large.adding(small) == nil)
    let largest = try #require(ExactNumber("999999999999999999999999999999999999"))
    #expect(largest.adding(largest) == nil)
  }
}
