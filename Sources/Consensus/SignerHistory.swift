/// The signers of a stretch of the log, for every change one: who counts under which directory.
package struct SignerHistory: Hashable, Sendable {
  private struct Span: Hashable, Sendable {
    let since: UInt64
    let signers: Signers
  }

  private var spans: [Span] = []

  /// A stretch of which nothing is known yet.
  package init() {}

  /// The signers at its end; nil before `record`.
  package var latest: Signers? { spans.last?.signers }

  /// Notes who signs where the log has `size` entries. Sizes only grow.
  package mutating func record(_ signers: Signers, at size: UInt64) {
    if spans.last?.signers != signers { spans.append(Span(since: size, signers: signers)) }
  }

  /// All that were in charge from `start` to `end` entries, the ends included; none where that is not known in full.
  package func signers(from start: UInt64, to end: UInt64) -> [Signers] {
    guard let first = spans.lastIndex(where: { $0.since <= start }) else { return [] }
    return spans[first...].prefix { $0.since <= end }.map(\.signers)
  }

  /// Forgets what lies before `start`.
  package mutating func forget(before start: UInt64) {
    if let first = spans.lastIndex(where: { $0.since <= start }) { spans.removeFirst(first) }
  }
}
