/// A complete subtree by its place: the leaves `index · 2^level` up to, not including, `(index + 1) · 2^level`.
package struct Node: Hashable, Sendable {
  /// The most leaves a tree that is built here may have.
  package static let maxTreeSize: UInt64 = 1 << 62

  /// The height above the leaves, 0 to 63.
  package var level: Int
  /// The number of nodes of this level to the left.
  package var index: UInt64

  /// The node `index` of `level`.
  package init(level: Int, index: UInt64) {
    self.level = level
    self.index = index
  }
}
