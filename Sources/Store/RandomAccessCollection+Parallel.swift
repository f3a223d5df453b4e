extension RandomAccessCollection where Self: Sendable, Index == Int, SubSequence: Sendable {
  /// What is made of every element, in order: of a few by `few`, in the calling thread, since to change threads takes longer;
  /// of more by `many`, which works on up to `parts` runs of at least eight elements at once.
  func inParallel<Result: Sendable>(
    upTo parts: Int, few: (SubSequence) throws -> [Result],
    many: @escaping @Sendable (SubSequence) async throws -> [Result]
  ) async throws -> [Result] {
    let parts = Swift.min(parts, count / 8)
    if parts <= 1 { return isEmpty ? [] : try few(self[startIndex..<endIndex]) }
    let length = (count + parts - 1) / parts
    return try await withThrowingTaskGroup(of: (Int, [Result]).self) { group in
      for start in stride(from: startIndex, to: endIndex, by: length) {
        let part = self[start..<Swift.min(start + length, endIndex)]
        group.addTask { (start, try await many(part)) }
      }
      var results: [(start: Int, results: [Result])] = []
      for try await (start, part) in group { results.append((start, part)) }
      return results.sorted { $0.start < $1.start }.flatMap(\.results)
    }
  }
}
