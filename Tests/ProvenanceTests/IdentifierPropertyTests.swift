import Primitives
import Provenance
import SeededRandom
import Testing

@Suite struct IdentifierPropertyTests {
  /// Keys whose digits are all covered by a check digit, as the range of those digits in the element string.
  static let checked: [(prefix: String, digits: Int)] = [
    ("(00)", 18), ("(01)", 14), ("(402)", 17), ("(414)", 13), ("(417)", 13), ("(8017)", 18), ("(8018)", 18),
  ]

  @Test func anyOtherDigitFailsTheCheck() throws {
    let cases = Fixtures.identifiers.compactMap { vector in vector.spellings.first { $0.hasPrefix("(") } }
    var tried = 0
    for text in cases {
      guard let key = Self.checked.first(where: { text.hasPrefix($0.prefix) }) else { continue }
      let value = text.dropFirst(key.prefix.count).prefix { $0.isNumber }
      guard value.count == key.digits else { continue }
      for position in 0..<key.digits {
        var digits = Array(value)
        let digit = digits[position].wholeNumberValue ?? 0
        for other in 0...9 where other != digit {
          digits[position] = Character("\(other)")
          let failure = #expect(throws: Failure.self) { try Identifier(key.prefix + String(digits)) }
          #expect(failure?.reason == "INVALID_CHECK_DIGIT")
          tried += 1
        }
      }
    }
    #expect(tried > 5_000)
  }

  @Test(arguments: [UInt64(1), 2, 3]) func mutilatedTextIsReadOrRefusedButNeverCrashes(_ seed: UInt64) throws {
    print("seed \(seed)")
    var generator = SplitMix64(seed: seed)
    let seeds = Fixtures.identifiers.flatMap(\.spellings) + Fixtures.refused.map(\.text)
    var accepted = 0
    for _ in 0..<20_000 {
      guard let text = seeds.randomElement(using: &generator) else { continue }
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, &generator) }
      let mutated = String(decoding: bytes, as: UTF8.self)
      guard let identifier = try? Identifier(mutated) else { continue }
      accepted += 1
      let again = try Identifier(identifier.canonical)
      #expect(again.canonical == identifier.canonical, "\(mutated)")
      #expect(again.scheme == identifier.scheme, "\(mutated)")
      #expect(again.level == identifier.level, "\(mutated)")
    }
    #expect(accepted > 1_000)
  }

  private func mutate(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
    let interesting = Array("0129AZaz./:%()*?#-\\ \u{7F}é".utf8)
    let byte = interesting.randomElement(using: &generator) ?? 0
    let index = Int.random(in: 0...bytes.count, using: &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: bytes.insert(byte, at: index)
    case 1 where index < bytes.count: bytes.remove(at: index)
    case 2 where index < bytes.count: bytes[index] = byte
    default: bytes.removeSubrange(index...)
    }
  }
}
