package import Primitives

/// How members and ledgers are written in subjects.
package enum EngineSubject {
  /// A member's name as one token of a subject: `.`, which parts tokens, becomes `_`, which no name has.
  package static func token(_ member: MemberID) -> String {
    String(member.description.map { $0 == "." ? "_" : $0 })
  }

  /// Whether `name` names a stream: 1 to 64 letters, digits, `-` and `_`.
  package static func isName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
      }
  }

  /// Whether `subject` can be published on: 1 to 255 printable ASCII characters, no wildcard, no empty token.
  package static func isPlain(_ subject: String) -> Bool {
    isWellFormed(subject) && !subject.contains { $0 == "*" || $0 == ">" }
  }

  /// Whether `subject` can be listened to: as `isPlain`, wildcards allowed.
  package static func isWellFormed(_ subject: String) -> Bool {
    (1...255).contains(subject.utf8.count) && subject.utf8.allSatisfy { (0x21...0x7e).contains($0) }
      && !subject.split(separator: ".", omittingEmptySubsequences: false).contains { $0.isEmpty }
  }
}
