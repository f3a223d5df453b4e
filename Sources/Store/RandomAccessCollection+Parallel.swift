extension RandomAccessCollection where Self: Sendable, Index == Int, SubSequence: Sendable {
  /// What `body` makes of every element, in order. Up to `parts` runs of two or more elements are worked on at once.
  func inParallel<Result: Sendable>(
    upTo parts: Int, _ body: @escaping @Sendable (SubSequence) async throws -> [Result]
  ) async throws -> [Result] {
    let length = Swift.max((count + parts - 1) / parts, 2)
    guard count > length else { return isEmpty ? [] : try await body(self[startIndex..<endIndex]) }
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
