import Primitives

/// Legal Entity Identifiers (ISO 17442).
enum LEI {
  /// Refuses what is no LEI: 18 characters of A-Z and 0-9, then two check digits (ISO 7064 MOD 97-10).
  static func requireValid(_ text: String, field: String) throws(Failure) {
    let values = text.utf8.map(value)
    guard values.count == 20, !values.contains(nil), values.suffix(2).allSatisfy({ $0 ?? 10 < 10 }) else {
      throw .malformed("MALFORMED_LEI", field: field, "18 characters of A-Z and 0-9 and two check digits expected")
    }
    let remainder = values.reduce(0) { remainder, value in
      let value = value ?? 0
      return (remainder * (value < 10 ? 10 : 100) + value) % 97
    }
    guard remainder == 1 else {
      throw .malformed("INVALID_CHECK_DIGIT", field: field, "\(text): the check digits do not fit (ISO 7064 MOD 97-10)")
    }
  }

  /// Digits stand for themselves, letters for 10 to 35.
  private static func value(_ character: UInt8) -> Int? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character - UInt8(ascii: "0"))
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
