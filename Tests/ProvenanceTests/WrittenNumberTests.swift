import Provenance
import SeededRandom
import Testing

@Suite struct WrittenNumberTests {
  @Test(arguments: [
    ("0", "-0"), ("0", "0.000e99"), ("1", "1.0"), ("100", "1e2"), ("0.001", "1E-3"), ("-12.50", "-1250e-2"),
    ("1e1000000000000000000000", "1e2000000000000000000000"),
  ])
  func oneNumberHasManySpellings(_ left: String, _ right: String) throws {
    let (left, right) = (try #require(WrittenNumber(left)), try #require(WrittenNumber(right)))
    #expect(left == right)
    #expect(!(left < right) && !(right < left))
  }

  @Test(arguments: [
    [
      "-1e300", "-10", "-9.99999999999999999999", "-1e-300", "0", "1e-300", "0.1", "0.10000000000000000000000001", "1",
      "2", "10", "1e300",
    ]
  ])
  func numbersAreInOrderWhateverTheirLength(_ ascending: [String]) throws {
    let numbers = try ascending.map { try #require(WrittenNumber($0)) }
    for (left, right) in zip(numbers, numbers.dropFirst()) { #expect(left < right && !(right < left) && left != right) }
  }

  @Test(arguments: ["", "-", ".5", "5.", "01", "+1", "1e", "NaN", "0x10", "1,5", " 1", "١"])
  func whatJSONWouldNotWriteIsNoNumber(_ text: String) { #expect(WrittenNumber(text) == nil) }

  @Test(arguments: UInt64(1)...8) func comparedAsIntegersOfASmallUnit(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let (left, right) = (Spelling(&random), Spelling(&random))
      let (a, b) = (try #require(WrittenNumber(left.text)), try #require(WrittenNumber(right.text)))
      #expect((a < b) == (left.units < right.units), "seed \(seed): \(left.text) \(right.text)")
      #expect((a == b) == (left.units == right.units), "seed \(seed): \(left.text) \(right.text)")
    }
  }

  /// A number of millionths, and one way to write it.
  private struct Spelling {
    let units: Int64
    let text: String

    init(_ random: inout SplitMix64) {
      let digits = Int64.random(in: -30...30, using: &random)
      let zeros = Int.random(in: 0...6, using: &random)
      units = (0..<zeros).reduce(digits) { value, _ in value * 10 }
      let magnitude = String(digits.magnitude)
      let sign = digits < 0 ? "-" : ""
      switch Int.random(in: 0..<3, using: &random) {
      case 0: text = "\(sign)\(magnitude)e\(zeros - 6)"
      case 1: text = "\(sign)\(magnitude).000E\(zeros - 6)"
      default:
        let padded = String(repeating: "0", count: max(0, 7 - String(units.magnitude).count)) + String(units.magnitude)
        text = sign + padded.dropLast(6) + "." + padded.suffix(6)
      }
    }
  }
}
