import GenesisFile
import Primitives
import Testing

/// A file with one thing wrong.
struct Wrong: Sendable, CustomTestStringConvertible {
  let what: String
  let with: String
  let reason: String
  /// A part of the message: where, or what would be right.
  let says: String

  init(_ what: String, _ with: String, _ reason: String, says: String) {
    self.what = what
    self.with = with
    self.reason = reason
    self.says = says
  }

  var testDescription: String { "\(reason): \(with.prefix(40))" }
}

@Suite struct RefusalTests {
  @Test(
    "What is wrong is refused with its line and what would be right",
    arguments: [
      Wrong("name: \"harbour\"", "nmae: \"harbour\"", "UNKNOWN_FIELD", says: "line 2: nmae"),
      Wrong("name: \"harbour\"", "other: 1", "UNKNOWN_FIELD", says: "known are name, created"),
      Wrong("name: \"harbour\"\n", "", "MISSING_FIELD", says: "'name' must be stated"),
      Wrong("name: \"harbour\"", "name: [harbour]", "NOT_TEXT", says: "line 2: name"),
      Wrong("name: \"harbour\"", "name: a\nname: b", "INVALID_YAML", says: "twice"),
      Wrong("name: \"harbour\"", "name: \"harbour", "INVALID_YAML", says: "line"),
      Wrong("created: 2026", "created: 26", "INVALID_TIME", says: "line 3: created"),
      Wrong("salt: \"00", "salt: \"zz", "NOT_HEXADECIMAL", says: "32 hexadecimal characters"),
      Wrong("votes: 0", "votes: -1", "NOT_A_NUMBER", says: "thresholds.votes"),
      Wrong("votes: 0", "votes: 4294967296", "NOT_A_NUMBER", says: "thresholds.votes"),
      Wrong("votes: 0", "voices: 0", "UNKNOWN_FIELD", says: "thresholds.voices"),
      Wrong("roles: [device, operator, admin, node]", "roles: [devise]", "UNKNOWN_ROLE", says: "members[0].roles[0]"),
      Wrong("roles: [device, operator, admin, node]", "roles: admin", "NOT_A_LIST", says: "members[0].roles"),
      Wrong("  - id: \"mill\"", "  - name: \"mill\"", "UNKNOWN_FIELD", says: "members[0].name"),
      Wrong("-----BEGIN PUBLIC KEY-----", "-----BEGIN PRIVATE KEY-----", "MALFORMED_KEY", says: "keys[0].public_key"),
      Wrong("  key: \"", "  key: \"00", "NOT_HEXADECIMAL", says: "founder.key"),
      Wrong("members:", "members: &all", "INVALID_YAML", says: "anchor"),
      Wrong("name: \"harbour\"", "name: *all", "INVALID_YAML", says: "line 2"),
      Wrong("name: \"harbour\"", "name: !!binary \"aGFyYm91cg==\"\n? [a, b]\n: 1", "UNKNOWN_FIELD", says: "known are"),
      Wrong("name: \"harbour\"\n", "--- a\n--- b\n", "INVALID_YAML", says: "line"),
    ])
  func unreadable(wrong: Wrong) throws {
    let text = try Founders().signed().yaml
    let changed = text.replacing(wrong.what, with: wrong.with, maxReplacements: 1)
    #expect(changed != text)
    let failure = refusal { _ = try GenesisFile(yaml: Array(changed.utf8)) }
    #expect(failure?.reason == wrong.reason)
    #expect(failure?.message.contains(wrong.says) == true, "\(failure?.message ?? "")")
  }

  @Test(
    "What the rules refuse is found in the file",
    arguments: [
      Wrong("name: \"harbour\"", "name: \"Harbour\"", "MALFORMED_NAME", says: "line 2: name"),
      Wrong("country: \"NO\"", "country: \"QQ\"", "UNKNOWN_COUNTRY", says: "members[0].country"),
      Wrong("  - id: \"carrier\"", "  - id: \"mill\"", "DUPLICATE_MEMBER", says: "members[1].id"),
      Wrong("  - member: \"mill\"", "  - member: \"nobody\"", "UNKNOWN_MEMBER", says: "keys[0].member"),
      Wrong("quorum: 0", "quorum: 1", "QUORUM_TOO_SMALL", says: "line 5: thresholds"),
      Wrong("votes: 0", "votes: 5", "TOO_FEW_VOTERS", says: "5 votes"),
    ])
  func ruled(wrong: Wrong) throws {
    let text = try Founders().signed().yaml
    let changed = text.replacing(wrong.what, with: wrong.with, maxReplacements: 1)
    #expect(changed != text)
    let file = try GenesisFile(yaml: Array(changed.utf8))
    let failure = refusal { _ = try file.founded() }
    #expect(failure?.reason == wrong.reason)
    #expect(failure?.message.contains(wrong.says) == true, "\(failure?.message ?? "")")
  }

  @Test("Text that is made to exhaust a reader is refused", arguments: Hostile.allCases)
  func hostile(case: Hostile) {
    #expect(refusal { _ = try GenesisFile(yaml: Array(`case`.text.utf8)) }?.kind == .malformed)
  }

  @Test("Bytes that are no text are refused")
  func notText() {
    #expect(refusal { _ = try GenesisFile(yaml: [0x61, 0xFF, 0x62]) }?.reason == "INVALID_YAML")
  }
}

/// Texts that would cost a careless reader its stack, its memory or its life.
enum Hostile: CaseIterable {
  case nestedLists, nestedMaps, nestedBlocks, bomb, tooLong, empty, mark, zero, list, word

  var text: String {
    switch self {
    case .nestedLists: String(repeating: "[", count: 2_000_000)
    case .nestedMaps: String(repeating: "a: {", count: 500_000)
    case .nestedBlocks: (0..<4_000).map { String(repeating: " ", count: min($0, 900)) + "a:" }.joined(separator: "\n")
    case .bomb: "a: &a [x, x]\nb: &b [*a, *a, *a]\n? [*b, *b]\n: 1"
    case .tooLong: String(repeating: "a", count: GenesisFile.maxByteCount + 1)
    case .empty: ""
    case .mark: "\u{FEFF}"
    case .zero: "\0"
    case .list: "- 1\n- 2"
    case .word: "just text"
    }
  }
}
