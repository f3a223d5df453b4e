import Client
import Primitives

/// Which peer's turn it is: one that failed goes to the end, one that lied is not asked again.
struct Roster {
  private struct Entry {
    let peer: any Peer
    var failures = 0
    var last: Failure?
  }

  private var queue: [Entry]
  private var dropped: [Entry] = []
  private var backoff = Backoff()
  private var failuresInARow = 0
  /// Peers that sent what was wrong, and what it was.
  private(set) var liars: [(peer: String, failure: Failure)] = []
  private(set) var waitMilliseconds = 0

  init(_ peers: [any Peer]) { queue = peers.map { Entry(peer: $0) } }

  /// Whose turn it is; nil when nobody is left.
  func next() -> (any Peer)? { queue.first?.peer }

  /// Whether all of them have failed since anything came.
  var mustRest: Bool { waitMilliseconds > 0 }

  /// Its turn is over; it may have another.
  mutating func failed(_ name: String, _ failure: Failure, hasProgressed: Bool) {
    guard var entry = remove(name) else { return }
    if hasProgressed {
      backoff.reset()
      failuresInARow = 0
    }
    failuresInARow += 1
    entry.failures = hasProgressed ? 1 : entry.failures + 1
    entry.last = failure
    if entry.failures < CatchUp.maxFailures { queue.append(entry) } else { dropped.append(entry) }
    waitMilliseconds = 0
    if failuresInARow >= queue.count {
      waitMilliseconds = backoff.next(atLeast: failure.retryAfterMilliseconds, chance: .random(in: 0...1)) ?? 8_000
    }
  }

  /// It sent what was wrong.
  mutating func lied(_ name: String, _ failure: Failure) {
    guard var entry = remove(name) else { return }
    entry.last = failure
    dropped.append(entry)
    liars.append((name, failure))
    waitMilliseconds = 0
  }

  /// It has another turn at once.
  mutating func again(_ name: String) { waitMilliseconds = 0 }

  /// Why nobody is left.
  var failure: Failure {
    let reasons = dropped.map { "\($0.peer.name): \($0.last?.description ?? "not asked")" }
    return Failure(
      .unavailable, "NO_PEER",
      "no peer is left to fetch the log from; \(reasons.isEmpty ? "none was named" : reasons.joined(separator: "; "))")
  }

  private mutating func remove(_ name: String) -> Entry? {
    queue.firstIndex { $0.peer.name == name }.map { queue.remove(at: $0) }
  }
}
