import Primitives
import Synchronization

/// How many calls are open and what their unfinished requests hold, from each host and in all.
final class OpenCalls: Sendable {
  private struct Use {
    var calls = 0
    var bytes = 0
  }

  private struct State {
    var all = Use()
    var byHost: [String: Use] = [:]
  }

  private let state = Mutex(State())

  /// Counts one more call from a host, or refuses it.
  func begin(from host: String) throws(Failure) {
    try state.withLock { state throws(Failure) in
      try Self.require(state.byHost[host]?.calls ?? 0, below: RPCLimits.callsPerHost, "calls are open from this host")
      try Self.require(state.all.calls, below: RPCLimits.calls, "calls are open")
      state.all.calls += 1
      state.byHost[host, default: Use()].calls += 1
    }
  }

  /// Counts that many more bytes of a call's unfinished request, or fewer where negative; refuses those that are too many.
  func hold(_ bytes: Int, from host: String) throws(Failure) {
    try state.withLock { state throws(Failure) in
      let held = state.byHost[host]?.bytes ?? 0
      if bytes > 0 {
        try Self.require(
          held + bytes - 1, below: RPCLimits.unfinishedBytesPerHost, "bytes of unfinished requests came from this host")
        try Self.require(
          state.all.bytes + bytes - 1, below: RPCLimits.unfinishedBytes, "bytes of unfinished requests came")
      }
      state.all.bytes += bytes
      state.byHost[host]?.bytes = held + bytes
    }
  }

  /// Forgets a call that is over and what it still held.
  func end(from host: String, holding bytes: Int) {
    state.withLock { state in
      state.all.calls -= 1
      state.all.bytes -= bytes
      guard var use = state.byHost[host] else { return }
      use.calls -= 1
      use.bytes -= bytes
      state.byHost[host] = use.calls > 0 ? use : nil
    }
  }

  private static func require(_ number: Int, below limit: Int, _ what: String) throws(Failure) {
    guard number >= limit else { return }
    throw Failure(
      .exhausted, "TOO_MANY_CALLS", "\(limit) \(what), which is as many as may be; try again when some are over",
      retryAfterMilliseconds: RPCLimits.retryMilliseconds)
  }
}
