package import Primitives

/// A log as far as one root says it: its number of entries and the RFC 6962 root over them.
package struct LogPoint: Hashable, Sendable {
  /// The number of entries.
  package let size: UInt64
  /// The root over them.
  package let root: Digest

  /// The log of `size` entries with that root.
  package init(size: UInt64, root: Digest) {
    self.size = size
    self.root = root
  }
}

extension LogPoint: Comparable {
  /// By size, then by root.
  package static func < (left: LogPoint, right: LogPoint) -> Bool {
    (left.size, left.root) < (right.size, right.root)
  }
}

extension LogPoint: CustomStringConvertible {
  /// The size and the first digits of the root.
  package var description: String { "\(size):\(root.description.prefix(8))" }
}
