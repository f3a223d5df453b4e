/// A form that canonical identifiers may have: a beginning, some of it left open, and what follows.
struct IdentifierPattern: Hashable, Sendable {
  /// What follows the beginning.
  enum Tail: Hashable, Sendable {
    /// Nothing.
    case end
    /// Anything, but something.
    case rest
    /// Characters of the same element, at least one.
    case attached
    /// A qualifier with any value.
    case qualifier(ApplicationIdentifier)
    /// A qualifier with any value, or nothing.
    case optional(ApplicationIdentifier)
    /// More characters of the same element, and then a qualifier or the end.
    case attachedThen(ApplicationIdentifier?)
  }

  /// Stands for any one character; no canonical identifier has it.
  static let open = UInt8(ascii: "?")

  let beginning: [UInt8]
  let tail: Tail

  /// Whether a canonical identifier has the form.
  func matches(_ canonical: String) -> Bool {
    let bytes = canonical.utf8.span
    guard bytes.count >= beginning.count else { return false }
    for index in beginning.indices where beginning[index] != Self.open && beginning[index] != bytes[index] {
      return false
    }
    let start = beginning.count
    switch tail {
    case .end: return start == bytes.count
    case .rest: return start < bytes.count
    case .attached: return Self.element(bytes, from: start) == bytes.count && start < bytes.count
    case .qualifier(let identifier): return Self.isQualified(bytes, from: start, by: identifier)
    case .optional(let identifier):
      return start == bytes.count || Self.isQualified(bytes, from: start, by: identifier)
    case .attachedThen(let identifier):
      let end = Self.element(bytes, from: start)
      guard end > start, let identifier else { return end > start && end == bytes.count }
      return Self.isQualified(bytes, from: end, by: identifier)
    }
  }

  /// Where the element ends.
  private static func element(_ bytes: Span<UInt8>, from start: Int) -> Int {
    bytes.firstIndex(of: UInt8(ascii: "/"), from: start, to: bytes.count) ?? bytes.count
  }

  private static func isQualified(_ bytes: Span<UInt8>, from start: Int, by identifier: ApplicationIdentifier) -> Bool {
    var offset = start
    for byte in "/\(identifier.text)/".utf8 {
      guard offset < bytes.count, bytes[offset] == byte else { return false }
      offset += 1
    }
    return offset < bytes.count
  }
}
