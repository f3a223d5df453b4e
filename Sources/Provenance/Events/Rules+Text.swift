import Primitives

/// The rules of EPCIS 2.0.1 and of our proto, one function each; they name the field and do not change anything.
enum Rules {
  /// Refuses a text of more than `limit` bytes.
  static func text(
    _ field: @autoclosure () -> String, _ text: String, limit: Int = EventLimits.textByteCount
  ) throws(Failure) {
    let count = text.utf8.count
    guard count <= limit else {
      throw .malformed("TEXT_TOO_LONG", field: field(), "has \(count) bytes; at most \(limit) are allowed")
    }
  }

  /// Refuses a list of more than 20,000 elements.
  static func count(_ field: @autoclosure () -> String, _ count: Int) throws(Failure) {
    guard count <= EventLimits.listCount else {
      throw .malformed(
        "LIST_TOO_LONG", field: field(), "has \(count) elements; at most \(EventLimits.listCount) are allowed")
    }
  }

  /// Refuses an empty text and one that is no URI.
  static func uri(_ field: @autoclosure () -> String, _ text: String) throws(Failure) {
    try at(field()) { () throws(Failure) in try URISyntax.check(text) }
  }

  /// As `uri`, for a text that may be empty: none.
  static func optionalURI(_ field: @autoclosure () -> String, _ text: String) throws(Failure) {
    if !text.isEmpty { try uri(field(), text) }
  }

  /// Refuses what is neither empty nor RFC 3339.
  static func optionalTime(_ field: @autoclosure () -> String, _ text: String) throws(Failure) {
    guard !text.isEmpty else { return }
    _ = try at(field()) { () throws(Failure) in try Timestamp(text) }
  }

  /// Refuses what is neither empty nor a number as JSON writes it (RFC 8259, section 6).
  static func optionalNumber(_ field: @autoclosure () -> String, _ text: String) throws(Failure) {
    guard !text.isEmpty else { return }
    try number(field(), text)
  }

  /// Refuses what is not a number as JSON writes it.
  static func number(_ field: @autoclosure () -> String, _ text: String) throws(Failure) {
    try Rules.text(field(), text)
    guard isNumber(text) else {
      throw .malformed("INVALID_NUMBER", field: field(), "is no decimal number as JSON writes it, for example 12.5")
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    let bytes = text.utf8.span
    var index = 0
    func digits() -> Int {
      let start = index
      while index < bytes.count, bytes[index].isDigit { index += 1 }
      return index - start
    }
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
    let start = index
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[start] != UInt8(ascii: "0") else { return false }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      guard digits() > 0 else { return false }
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
      guard digits() > 0 else { return false }
    }
    return index == bytes.count
  }

  /// Refuses what is neither empty nor a unit code of UN/CEFACT Recommendation 20: two or three capitals or digits.
  static func optionalUnit(_ field: @autoclosure () -> String, _ text: String) throws(Failure) {
    guard !text.isEmpty else { return }
    guard (2...3).contains(text.utf8.count), text.utf8.allSatisfy({ $0.isUppercase || $0.isDigit }) else {
      throw .malformed(
        "INVALID_UNIT", field: field(), "is no unit of UN/CEFACT Recommendation 20, for example KGM or CEL")
    }
  }

  /// Refuses what is neither empty nor a value of the vocabulary or a URI.
  static func optionalValue(
    _ field: @autoclosure () -> String, _ text: String, of vocabulary: Vocabulary
  ) throws(Failure) {
    guard !text.isEmpty else { return }
    _ = try value(field(), text, of: vocabulary)
  }

  /// The canonical form of a vocabulary value.
  static func value(
    _ field: @autoclosure () -> String, _ text: String, of vocabulary: Vocabulary
  ) throws(Failure) -> String {
    try at(field()) { () throws(Failure) in try Vocabulary.canonical(text, of: vocabulary) }
  }
}
