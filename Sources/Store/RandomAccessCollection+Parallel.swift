extension RandomAccessCollection where Self: Sendable, Index == Int, SubSequence: Sendable {
  /// What `body` makes of every element, in order. Up to `parts` runs of elements are worked on at once; runs of less than
  /// eight are not worth another thread.
  func inParallel<Result: Sendable>(
    upTo parts: Int, _ body: @escaping @Sendable (SubSequence) async throws -> [Result]
  ) async throws -> [Result] {
    let parts = Swift.max(Swift.min(parts, count / 8), 1)
    if parts == 1 { return isEmpty ? [] : try await body(self[startIndex..<endIndex]) }
    let length = (count + parts - 1) / parts
    return try await withThrowingTaskGroup(of: (Int, [Result]).self) { group in
      for start in stride(from: startIndex, to: endIndex, by: length) {
        let part = self[start..<Swift.min(start + length, endIndex)]
        group.addTask { (start, try await body(part)) }
      }
      var results: [(start: Int, results: [Result])] = []
      for try await (start, part) in group { results.append((start, part)) }
      return results.sorted { $0.start < $1.start }.flatMap(\.results)
    }
  }
}
