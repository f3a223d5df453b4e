/// The short name of an organisation in the ledger: 1 to 64 characters of a-z, 0-9, '.' and '-'.
package struct MemberID: Hashable, Sendable, CustomStringConvertible {
  /// What a name must look like, for error messages.
  package static let grammar = "1 to 64 characters of a-z, 0-9, '.' and '-' expected"

  /// The name itself.
  package let description: String

  /// Takes a well-formed name; nil otherwise.
  package init?(_ text: String) {
    guard Self.isWellFormed(text) else { return nil }
    description = text
  }

  /// Whether `text` follows the grammar.
  package static func isWellFormed(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
      }
  }
}
