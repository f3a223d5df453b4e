import Foundation
import Primitives
import Synchronization

extension EngineCore {
  /// Hands over what arrives on `subject` until the continuation ends.
  func listen(to subject: String, _ continuation: AsyncStream<Data>.Continuation) {
    let token = state.withLock { state -> UInt64? in
      guard !state.isClosed, EngineSubject.isWellFormed(subject) else { return nil }
      state.lastToken += 1
      state.listeners[state.lastToken] = Listener(subject: subject, continuation: continuation)
      return state.lastToken
    }
    guard let token else { return continuation.finish() }
    continuation.onTermination = { [weak self] _ in
      guard let self else { return }
      let gone = self.state.withLock { $0.listeners.removeValue(forKey: token) }
      withExtendedLifetime(gone) {}
    }
    queue.async { self.subscribeListeners() }
  }

  /// Subscribes those listeners that are not, on `queue`; without a connection they wait for the next one.
  func subscribeListeners() {
    let (handle, waiting) = state.withLock { ($0.handle, $0.listeners.filter { $0.value.subscription == nil }) }
    guard let handle else { return }
    for (token, listener) in waiting {
      let made = try? Subscription(
        handle, to: listener.subject, messages: Int32(EngineConnection.listenerMessages), bytes: 4 << 20
      ) { message in
        let bytes = message.bytes
        if bytes.count <= EngineConnection.maxBroadcastBytes { listener.continuation.yield(bytes) }
      }
      let unused = state.withLock { state -> Subscription? in
        guard state.listeners[token] != nil else { return made }
        state.listeners[token]?.subscription = made
        return nil
      }
      withExtendedLifetime(unused) {}
    }
  }
}
