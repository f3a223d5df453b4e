import Primitives
import Synchronization

/// How long a peer may keep this node waiting: a while of silence, which every message makes up for by its size. Time in which
/// this node is the one that is busy does not count.
final class Patience: Sendable {
  /// Seconds of silence that are borne.
  static let seconds = 20.0
  /// A peer that is slower than this is left for another, in bytes a second.
  static let bytesPerSecond = 16_384.0

  private struct State {
    var isWaiting = true
    var left = Patience.seconds
  }

  private let state = Mutex(State())

  /// The peer has sent so many bytes, which are now looked at.
  func received(_ bytes: Int) {
    state.withLock { state in
      state.isWaiting = false
      state.left = min(Self.seconds, state.left + Double(bytes) / Self.bytesPerSecond)
    }
  }

  /// This node waits for the peer again.
  func waits() { state.withLock { $0.isWaiting = true } }

  /// Runs `body`, and ends it when patience does; fails with PEER_SLOW then. `clock` measures seconds.
  func with(
    _ clock: any Clock<Duration>, _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await body()
        return true
      }
      group.addTask {
        while true {
          try await clock.sleep(for: .seconds(1))
          try self.tick()
        }
      }
      defer { group.cancelAll() }
      _ = try await group.next()
    }
  }

  private func tick() throws(Failure) {
    let isOver = state.withLock { state in
      if state.isWaiting { state.left -= 1 }
      return state.left <= 0
    }
    guard !isOver else {
      throw Failure(
        .unavailable, "PEER_SLOW",
        "it sends less than \(Int(Self.bytesPerSecond / 1_024)) KiB a second, or nothing at all")
    }
  }
}
