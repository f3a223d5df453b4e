import Primitives

/// Generic URI syntax, as far as it is the same for every scheme (RFC 3986, section 3.1).
enum URISyntax {
  /// The longest URI accepted, in bytes.
  static let maximumByteCount = 2_048

  /// Refuses what has no scheme, nothing behind the scheme, spaces or control characters.
  static func check(_ bytes: Span<UInt8>, expectation: String) throws(Failure) {
    guard !bytes.isEmpty, bytes[0].isLetter else { throw notAURI(expectation) }
    var index = 1
    while index < bytes.count, isSchemeCharacter(bytes[index]) { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: ":"), index + 1 < bytes.count else {
      throw notAURI(expectation)
    }
    while index < bytes.count {
      guard bytes[index] > 0x20, bytes[index] != 0x7F else {
        throw .identifier("INVALID_CHARACTER", "must not contain spaces or control characters (\(bytes[index].quoted))")
      }
      index += 1
    }
  }

  /// Refuses a text that is no URI or is too long; the field is the caller's.
  static func check(_ text: String) throws(Failure) {
    let bytes = text.utf8.span
    guard bytes.count <= maximumByteCount else {
      throw .identifier("TEXT_TOO_LONG", "has \(bytes.count) bytes; at most \(maximumByteCount) are allowed")
    }
    try check(bytes, expectation: "write one, for example urn:uuid:… or https://…")
  }

  private static func isSchemeCharacter(_ byte: UInt8) -> Bool {
    byte.isLetter || byte.isDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  private static func notAURI(_ expectation: String) -> Failure {
    .identifier("NOT_A_URI", "is not a URI; \(expectation)")
  }
}
