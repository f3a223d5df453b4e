import Foundation
import Primitives
import Synchronization

extension EngineCore {
  /// What is known of the servers behind the one that the library is connected to.
  struct Watch {
    /// The server that we are connected to; nil without one.
    var server: String?
    /// The stream that was asked for last. That there is none of a name is an answer too: a leader gives it.
    var stream = "CAIRN"
    var isLooking = false
    var lookedAt: ContinuousClock.Instant?
    /// When a majority answered last.
    var answeredAt: ContinuousClock.Instant?
    /// What was wrong with the last answer.
    var complaint = "nothing was asked yet"
  }

  /// How often the servers are asked.
  private static let lookInterval = Duration.seconds(1)
  /// How long their answer may take.
  static let lookTimeout = Duration.seconds(2)
  /// How long nothing good may be heard until the engine counts as away: two lost answers are less.
  private static let patience = Duration.seconds(6)

  /// Looks again where it is time, and gives up hope where nobody answered for too long.
  func watch(_ now: ContinuousClock.Instant) {
    let isDue = state.withLock { state in
      let rested = state.watch.lookedAt.map { now - $0 >= Self.lookInterval } ?? true
      guard state.watch.server != nil, !state.watch.isLooking, rested else { return false }
      (state.watch.isLooking, state.watch.lookedAt) = (true, now)
      return true
    }
    if isDue { look() }
    change { state in
      let lost = state.watch.answeredAt.map { now - $0 >= Self.patience } ?? true
      guard state.health.isConnected, lost else { return nil }
      return .away(reason: "no majority of its servers answers: \(state.watch.complaint)")
    }
  }

  /// A message was recorded, which takes a majority: under load that is heard of sooner than an answer to a look.
  func majorityAnswered() { state.withLock { $0.watch.answeredAt = .now } }

  /// Asks whether a majority of the servers is there. Not in a task: where those have to wait, the engine is no farther away.
  private func look() {
    let stream = state.withLock { $0.watch.stream }
    do throws(Failure) {
      try request(Data(), to: "\(api).STREAM.INFO.\(stream)", isLook: true).whenResolved { [weak self] answer in
        self?.looked(Self.complaint(answer))
      }
    } catch { looked(error.message) }
  }

  /// Takes what an answer came to.
  private func looked(_ complaint: String?) {
    change { state in
      state.watch.isLooking = false
      if let complaint {
        state.watch.complaint = complaint
        return nil
      }
      guard let server = state.watch.server else { return nil }
      state.watch.answeredAt = .now
      return .connected(server: server)
    }
  }

  /// Why messages cannot be recorded now, as far as the servers say; nil where they can.
  private static func complaint(_ answer: Result<Data, Failure>) -> String? {
    do throws(Failure) {
      let answer: StreamAnswer = try EngineAPI.decode(try answer.get())
      if let error = answer.error { throw error.failure }
      return answer.lostMajority
    } catch {
      // Whoever refuses has answered.
      return error.kind == .unavailable ? error.message : nil
    }
  }
}

extension StreamAnswer {
  /// How long a server may be silent towards the stream's leader, in nanoseconds; it is asked every second. The leader itself would go
  /// on for up to 20 s without any other.
  private static let silence: Int64 = 3_000_000_000

  /// What the stream misses to have a majority; nil where it has one. A server that is alone answers too, and names itself as one that
  /// it has heard, but no leader.
  fileprivate var lostMajority: String? {
    guard let servers = config?.num_replicas, servers > 1 else { return nil }
    guard let leader = cluster?.leader, !leader.isEmpty else { return "the stream has no leader" }
    let heard = (cluster?.replicas ?? []).count { ($0.current || $0.active > 0) && $0.active < Self.silence }
    guard heard < servers / 2 else { return nil }
    return "the stream's leader reaches \(heard) of \(servers - 1) other servers"
  }
}
