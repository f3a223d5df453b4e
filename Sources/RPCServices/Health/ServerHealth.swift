import GRPCCore
import Synchronization
import WireRPC

/// Whether this server takes calls, service by service, and who wants to hear when that changes.
///
/// Writing needs the writer: without it the ledger service and the server as a whole do not serve, while the services
/// that only read still do. Nothing serves any more once a shutdown began.
package final class ServerHealth: Sendable {
  /// A service's state.
  package enum Status: Hashable, Sendable { case serving, notServing, unknownService }

  /// The name of the server as a whole.
  package static let overall = ""

  private struct State {
    var isShuttingDown = false
    var watchers: [UInt64: Watcher] = [:]
    var nextWatcher: UInt64 = 0
  }

  private struct Watcher {
    var service: String
    var last: Status
    var continuation: AsyncStream<Status>.Continuation
  }

  private let services = Set(RPCServiceNames.all)
  private let isWriterServing: @Sendable () -> Bool
  private let state = Mutex(State())

  /// Asks `isWriterServing` whenever a state is wanted.
  package init(isWriterServing: @escaping @Sendable () -> Bool) {
    self.isWriterServing = isWriterServing
  }

  /// Whether a shutdown began.
  package var isShuttingDown: Bool { state.withLock { $0.isShuttingDown } }

  /// The state of one service now; "" is the server as a whole.
  package func status(of service: String) -> Status {
    status(of: service, isWriting: isWriterServing(), isShuttingDown: isShuttingDown)
  }

  /// The state of every service this server has, and of the whole under "".
  package func statuses() -> [String: Status] {
    Dictionary(uniqueKeysWithValues: services.union([Self.overall]).map { ($0, status(of: $0)) })
  }

  /// A service's state over time.
  package struct Watch: Sendable {
    /// The state now, then whenever it changes, until a shutdown or its reader's end. A slow reader sees only the latest.
    package let statuses: AsyncStream<Status>
  }

  /// Begins to watch one service.
  package func watch(_ service: String) -> Watch {
    let (statuses, continuation) = AsyncStream.makeStream(of: Status.self, bufferingPolicy: .bufferingNewest(1))
    let isWriting = isWriterServing()
    let watcher: UInt64? = state.withLock { state in
      let status = status(of: service, isWriting: isWriting, isShuttingDown: state.isShuttingDown)
      continuation.yield(status)
      guard !state.isShuttingDown else { return nil }
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = Watcher(service: service, last: status, continuation: continuation)
      return state.nextWatcher
    }
    if let watcher {
      continuation.onTermination = { [weak self] _ in self?.forget(watcher) }
    } else {
      continuation.finish()
    }
    return Watch(statuses: statuses)
  }

  /// Tells watchers when the writer has started or stopped.
  package func writerChanged() {
    let isWriting = isWriterServing()
    state.withLock { notify(&$0, isWriting: isWriting) }
  }

  /// Nothing serves from now on; watchers hear of it and their streams end.
  package func beginShutdown() {
    let watchers = state.withLock { state in
      state.isShuttingDown = true
      notify(&state, isWriting: false)
      defer { state.watchers = [:] }
      return state.watchers
    }
    for watcher in watchers.values { watcher.continuation.finish() }
  }

  private func status(of service: String, isWriting: Bool, isShuttingDown: Bool) -> Status {
    guard service == Self.overall || services.contains(service) else { return .unknownService }
    let needsWriter = service == Self.overall || service == Cairn_V1_LedgerService.descriptor.fullyQualifiedService
    return !isShuttingDown && (isWriting || !needsWriter) ? .serving : .notServing
  }

  private func notify(_ state: inout State, isWriting: Bool) {
    for (id, watcher) in state.watchers {
      let status = status(of: watcher.service, isWriting: isWriting, isShuttingDown: state.isShuttingDown)
      guard status != watcher.last else { continue }
      state.watchers[id]?.last = status
      watcher.continuation.yield(status)
    }
  }

  private func forget(_ watcher: UInt64) {
    state.withLock { _ = $0.watchers.removeValue(forKey: watcher) }
  }
}
