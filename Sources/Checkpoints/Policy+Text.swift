package import Primitives

extension Policy {
  /// The most bytes a policy file may have.
  package static let maxByteCount = 65_536

  /// Parses a policy file; URLs and comments are read over. Fails with MALFORMED_POLICY, which names the line.
  package init(_ text: String) throws(Failure) {
    let bytes = Array(text.utf8.prefix(Self.maxByteCount + 1))
    guard bytes.count <= Self.maxByteCount else {
      throw .malformedPolicy("at most \(Self.maxByteCount) bytes are read")
    }
    var policy = Policy()
    var hasQuorum = false
    for (index, line) in bytes.split(separator: Text.lineFeed, omittingEmptySubsequences: false).enumerated() {
      do throws(Failure) {
        let words = try Self.words(line)
        guard let verb = words.first else { continue }
        guard verb == "quorum" else {
          try policy.read(verb, Array(words.dropFirst()))
          continue
        }
        guard words.count == 2, !hasQuorum else { throw .malformedPolicy("expected one line 'quorum <name>|none'") }
        hasQuorum = true
        try policy.require(words[1] == "none" ? nil : words[1])
      } catch {
        throw .malformed(
          "MALFORMED_POLICY", field: "policy line \(index + 1)", error.violations.first?.description ?? "")
      }
    }
    guard hasQuorum else { throw .malformedPolicy("a line 'quorum <name>|none' is missing") }
    self = policy
  }

  private mutating func read(_ verb: String, _ words: [String]) throws(Failure) {
    switch (verb, words.count) {
    case ("log", 1...2): try add(try VerifierKey(words[0]))
    case ("witness", 2...3): try add(Witness(name: words[0], key: try VerifierKey(words[1])))
    case ("group", 3...):
      let members = Array(words.dropFirst(2))
      let threshold: UInt64? =
        switch words[1] {
        case "any": 1
        case "all": UInt64(members.count)
        default: Text.decimal(words[1].utf8)
        }
      guard let threshold, threshold <= members.count else {
        throw .malformedPolicy("the threshold is any, all or a number from 1 to \(members.count)")
      }
      try add(Group(name: words[0], threshold: Int(threshold), members: members))
    default:
      throw .malformedPolicy(
        "expected 'log <key>', 'witness <name> <key>', 'group <name> <k> <member>…' or 'quorum <name>'")
    }
  }

  private static func words(_ line: ArraySlice<UInt8>) throws(Failure) -> [String] {
    let tab = UInt8(ascii: "\t")
    guard !line.contains(where: { $0 < 0x20 && $0 != tab || $0 == 0x7f }) else {
      throw .malformedPolicy("control characters other than tab and line feed are not allowed")
    }
    let words = line.split { $0 == Text.space || $0 == tab }.map(Text.string)
    return words.first?.utf8.first == UInt8(ascii: "#") ? [] : words
  }
}

extension Policy: CustomStringConvertible {
  /// The policy file.
  package var description: String {
    let lines =
      logs.map { "log \($0)" } + witnesses.map { "witness \($0.name) \($0.key)" }
      + groups.map { "group \($0.name) \($0.threshold) \($0.members.joined(separator: " "))" }
      + ["quorum \(quorum ?? "none")"]
    return lines.joined(separator: "\n") + "\n"
  }
}
