import Merkle
package import Primitives

/// What a log says about itself: its name, its size and its root (C2SP tlog-checkpoint).
package struct Checkpoint: Sendable {
  /// The log's unique name.
  package let origin: String
  /// The number of entries.
  package let size: UInt64
  /// The RFC 6962 root over the entries.
  package let root: Digest

  /// A checkpoint of the log `origin`; fails with MALFORMED_KEY_NAME where that cannot also name the log's key.
  package init(origin: String, size: UInt64, root: Digest) throws(Failure) {
    try VerifierKey.check(origin)
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Parses a note's text; extension lines are read over, as other logs write them. Fails with MALFORMED_CHECKPOINT.
  package init(_ text: String) throws(Failure) {
    guard let lines = Text.lines(Array(text.utf8)[...]), lines.count >= 3, !lines.contains([]) else {
      throw Self.malformed("three or more lines, none empty, are right: origin, size, root")
    }
    guard let size = Text.decimal(lines[1]) else {
      throw Self.malformed("the size is a decimal number below 2^64 without leading zeros")
    }
    guard let root = Base64.decode(lines[2]).flatMap({ Digest($0) }) else {
      throw Self.malformed("the root is 32 bytes in canonical base 64")
    }
    guard size > 0 || root == MerkleTree.emptyRoot else {
      throw Self.malformed("the root of a log without entries is SHA-256 of nothing")
    }
    origin = Text.string(lines[0])
    self.size = size
    self.root = root
  }

  private static func malformed(_ description: String) -> Failure {
    .malformed("MALFORMED_CHECKPOINT", field: "checkpoint", description)
  }
}

extension Checkpoint: CustomStringConvertible {
  /// The text that is signed: three lines.
  package var description: String { "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n" }
}

extension Checkpoint: Hashable {
  package static func == (left: Checkpoint, right: Checkpoint) -> Bool {
    left.size == right.size && left.root == right.root && left.origin.utf8.elementsEqual(right.origin.utf8)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(root) }
}
