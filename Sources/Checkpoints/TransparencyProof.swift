import Merkle
package import Primitives

/// An entry's place in a log, verifiable offline with a policy (C2SP tlog-proof): the content of a `.tlog-proof` file.
package struct TransparencyProof: Hashable, Sendable {
  /// The most bytes a file may have.
  package static let maxByteCount = 131_072
  /// The most hashes a path may have.
  package static let maxPathLength = 63

  /// Opaque data beside the proof; nobody has signed it.
  package let extra: [UInt8]?
  /// The entry's index in the log.
  package let index: UInt64
  /// The inclusion path, leaf to root.
  package let path: [Digest]
  /// The signed checkpoint, verbatim.
  package let checkpoint: String

  /// A proof of these parts.
  package init(index: UInt64, path: [Digest], checkpoint: String, extra: [UInt8]? = nil) {
    self.extra = extra
    self.index = index
    self.path = path
    self.checkpoint = checkpoint
  }

  /// Parses a file; fails with MALFORMED_PROOF. The checkpoint is not looked into before `verify`.
  package init(_ text: String) throws(Failure) {
    let bytes = Array(text.utf8.prefix(Self.maxByteCount + 1))
    guard bytes.count <= Self.maxByteCount else { throw Self.malformed("at most \(Self.maxByteCount) bytes are read") }
    guard let blank = bytes.indices.dropFirst().first(where: { bytes[$0] == 10 && bytes[$0 - 1] == 10 }),
      var lines = Text.lines(bytes[..<blank]), lines.removeFirst().elementsEqual(Self.firstLine.utf8)
    else {
      throw Self.malformed("expected '\(Self.firstLine)', the proof, a blank line and a checkpoint")
    }
    extra = try Self.take("extra ", from: &lines).map { word throws(Failure) in
      guard let extra = Base64.decode(word) else { throw Self.malformed("'extra' is not canonical base 64") }
      return extra
    }
    guard let index = Self.take("index ", from: &lines).flatMap({ Text.decimal($0) }) else {
      throw Self.malformed("expected 'index <n>', a decimal number without leading zeros")
    }
    guard lines.count <= Self.maxPathLength else { throw Self.malformed("more than \(Self.maxPathLength) hashes") }
    let path = lines.compactMap { Base64.decode($0).flatMap { Digest($0) } }
    guard path.count == lines.count else { throw Self.malformed("every line of the path is 32 bytes in base 64") }
    self.index = index
    self.path = path
    checkpoint = Text.string(bytes[(blank + 1)...])
  }

  /// Checks that `leaf` is in a log that the policy trusts; fails as `Policy.verify` and `Proof.verifyInclusion` do.
  package func verify(leaf: Digest, policy: Policy) throws(Failure) -> VerifiedCheckpoint {
    let verified = try policy.verify(checkpoint)
    try Proof.verifyInclusion(
      leaf: leaf, index: index, size: verified.checkpoint.size, path: path, root: verified.checkpoint.root)
    return verified
  }

  private static let firstLine = "c2sp.org/tlog-proof@v1"

  /// Removes the first line if it begins with `key`, and gives back the rest of it.
  private static func take(_ key: String, from lines: inout [[UInt8]]) -> ArraySlice<UInt8>? {
    guard let line = lines.first, line.starts(with: key.utf8) else { return nil }
    lines.removeFirst()
    return line.dropFirst(key.utf8.count)
  }

  private static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_PROOF", field: "proof", description)
  }
}

extension TransparencyProof: CustomStringConvertible {
  /// The content of the file.
  package var description: String {
    var lines = [Self.firstLine]
    if let extra { lines.append("extra \(Base64.encode(extra))") }
    lines.append("index \(index)")
    lines += path.map { Base64.encode($0.bytes) }
    return lines.joined(separator: "\n") + "\n\n" + checkpoint
  }
}
