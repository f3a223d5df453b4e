/// What a JSON text from outside may use up.
package struct JSONLimits: Hashable, Sendable {
  /// Bytes of the whole text.
  package var byteCount: Int
  /// Arrays and objects within one another.
  package var depth: Int
  /// Values in the whole text, of any kind.
  package var valueCount: Int
  /// Members of one object.
  package var memberCount: Int
  /// Characters of one number.
  package var numberLength: Int

  /// 64 MiB, 64 levels, 5,000,000 values, 10,000 members an object, 1,024 characters a number.
  package static let standard = JSONLimits(
    byteCount: 64 << 20, depth: 64, valueCount: 5_000_000, memberCount: 10_000, numberLength: 1_024)

  /// Limits of one's own choice.
  package init(byteCount: Int, depth: Int, valueCount: Int, memberCount: Int, numberLength: Int) {
    self.byteCount = byteCount
    self.depth = depth
    self.valueCount = valueCount
    self.memberCount = memberCount
    self.numberLength = numberLength
  }
}
