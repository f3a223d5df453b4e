import Checkpoints
import Primitives
import Wire

/// Asks the other members' nodes for cosignatures and certificates that the engine did not bring: while this node's log has more
/// than what is final as it knows. What they give counts by the signatures in it.
package struct NoteSearch: Sendable {
  /// Seconds between two looks.
  static let secondsBetweenLooks = 5

  private let peers: [any Peer]
  private let standing: @Sendable () -> (logSize: UInt64, certifiedSize: UInt64)
  private let receive: @Sendable (String) -> Void
  private let clock: any Clock<Duration>

  /// A search among `peers`; `standing` says how far this node is, and `receive` is handed the notes.
  package init(
    peers: [any Peer], standing: @escaping @Sendable () -> (logSize: UInt64, certifiedSize: UInt64),
    receive: @escaping @Sendable (String) -> Void, clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.peers = peers
    self.standing = standing
    self.receive = receive
    self.clock = clock
  }

  /// Looks and asks until cancelled.
  package func run() async {
    var pace = SearchPace()
    while (try? await clock.sleep(for: .seconds(Self.secondsBetweenLooks))) != nil {
      let (logSize, certifiedSize) = standing()
      if pace.isDue(logSize: logSize, certifiedSize: certifiedSize) { await ask() }
    }
  }

  /// Asks every peer once, as patiently as when it fetches.
  func ask() async {
    await PeerStatuses.ask(peers, clock: clock) { [receive] status in
      for note in [status.certifiedNote, status.cosignedNote]
      where (1...SignedNote.maxByteCount).contains(note.utf8.count) {
        receive(note)
      }
    }
  }
}

/// When to ask: after two looks without anything new, and then after twice as many each time, 60 at most.
struct SearchPace {
  private static let firstLooks = 2
  private static let mostLooks = 60

  private var certifiedSize: UInt64 = 0
  private var looks = 0
  private var wait = Self.firstLooks

  /// Whether to ask now, at one look, where the node's log and what is final of it have these sizes.
  mutating func isDue(logSize: UInt64, certifiedSize: UInt64) -> Bool {
    guard certifiedSize < logSize, certifiedSize == self.certifiedSize else {
      self = SearchPace()
      self.certifiedSize = certifiedSize
      return false
    }
    looks += 1
    guard looks >= wait else { return false }
    looks = 0
    wait = min(2 * wait, Self.mostLooks)
    return true
  }
}
