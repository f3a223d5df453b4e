/// When a node marks: pure, told of the time by a clock that only goes forward.
package struct MarkPace: Hashable, Sendable {
  /// While the log grows, in microseconds.
  package static let markInterval: Int64 = 50_000
  /// At rest, in microseconds.
  package static let idleInterval: Int64 = 5_000_000

  private let markInterval: Int64
  private let idleInterval: Int64
  private var lastMark: Int64?
  private var markedSize: UInt64 = 0
  private var logSize: UInt64 = 0

  /// A node that has not marked yet.
  package init(markInterval: Int64 = Self.markInterval, idleInterval: Int64 = Self.idleInterval) {
    self.markInterval = markInterval
    self.idleInterval = idleInterval
  }

  /// The log has `size` entries, on disk. After a recovery it may be shorter than before.
  package mutating func applied(logSize size: UInt64) { logSize = size }

  /// A mark that says so many entries was handed to the engine at that time, in microseconds.
  package mutating func marked(logSize size: UInt64, at now: Int64) {
    lastMark = now
    markedSize = size
  }

  /// The engine did not take the last mark: the next is due as if it had not been made, one interval later.
  package mutating func failed() { markedSize = 0 }

  /// When the next mark is due, in microseconds; nil means at once.
  package var due: Int64? {
    guard let lastMark else { return nil }
    return lastMark + (logSize == markedSize ? idleInterval : markInterval)
  }

  /// Whether to mark now.
  package func isDue(at now: Int64) -> Bool { due.map { $0 <= now } ?? true }
}
