extension RandomAccessCollection where Self: Sendable, Index == Int, SubSequence: Sendable {
  /// What is made of every element, in order, a few at a time by `few`, in the calling thread, since to change threads takes
  /// longer; more by `many`, which works on up to `parts` runs at once.
  ///
  /// How many are few depends on how long the first one takes: when that is the time of a disk, it is worth waiting for two
  /// others at once.
  func inParallel<Result: Sendable>(
    upTo parts: Int, few: (SubSequence) throws -> [Result],
    many: @escaping @Sendable (SubSequence) async throws -> [Result]
  ) async throws -> [Result] {
    guard count > Slowness.leastRun else { return isEmpty ? [] : try few(self[startIndex..<endIndex]) }
    let start = ContinuousClock.now
    let first = try few(self[startIndex..<startIndex + 1])
    let isSlow = ContinuousClock.now - start > Slowness.ofADisk
    let rest = self[(startIndex + 1)...]
    let parts = Swift.min(parts, rest.count / (isSlow ? Slowness.leastRun : Slowness.leastQuickRun))
    if parts <= 1 { return first + (try few(rest)) }
    let length = (rest.count + parts - 1) / parts
    return try await withThrowingTaskGroup(of: (Int, [Result]).self) { group in
      for start in stride(from: rest.startIndex, to: rest.endIndex, by: length) {
        let part = self[start..<Swift.min(start + length, rest.endIndex)]
        group.addTask { (start, try await many(part)) }
      }
      var results: [(start: Int, results: [Result])] = []
      for try await (start, part) in group { results.append((start, part)) }
      return results.sorted { $0.start < $1.start }.reduce(into: first) { $0 += $1.results }
    }
  }
}

/// When reading is worth doing in parallel.
private enum Slowness {
  /// What is read from memory takes less, with all that is around it.
  static let ofADisk = Duration.microseconds(120)
  /// The fewest elements that are worth a thread's change when each takes the time of a disk.
  static let leastRun = 2
  /// The fewest when each is in memory.
  static let leastQuickRun = 8
}
