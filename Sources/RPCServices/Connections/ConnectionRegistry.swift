import Primitives
import Synchronization

/// The connections that are open: how many there may be, and with which certificate each began.
package final class ConnectionRegistry: Sendable {
  /// A connection, for as long as it is open.
  package struct Number: Hashable, Sendable {
    fileprivate let value: UInt64
  }

  private struct Connection {
    let peer: String
    let host: String
    let close: @Sendable () -> Void
    var certificate: PresentedCertificate?
    var isClosing = false
  }

  private struct State {
    var connections: [UInt64: Connection] = [:]
    var latestByPeer: [String: UInt64] = [:]
    var countsByHost: [String: Int] = [:]
    var next: UInt64 = 0
    var refused: UInt64 = 0
  }

  private let limit: Int
  private let limitPerHost: Int
  private let state = Mutex(State())

  /// No connections yet. `limit` of them may be open at once, `limitPerHost` from one host.
  package init(limit: Int = RPCLimits.connections, limitPerHost: Int = RPCLimits.connectionsPerHost) {
    self.limit = limit
    self.limitPerHost = limitPerHost
  }

  /// Connections that are open.
  package var count: Int { state.withLock { $0.connections.count } }

  /// Connections that were refused because there were too many.
  package var refusedCount: UInt64 { state.withLock { $0.refused } }

  /// Takes in a connection, or refuses one too many. `peer` is its remote address as gRPC writes it, `host` what its
  /// connections are counted by, `close` ends it.
  package func admit(peer: String, host: String, close: @escaping @Sendable () -> Void) -> Number? {
    state.withLock { state in
      guard state.connections.count < limit, state.countsByHost[host, default: 0] < limitPerHost else {
        state.refused += 1
        return nil
      }
      state.next += 1
      state.connections[state.next] = Connection(peer: peer, host: host, close: close)
      state.latestByPeer[peer] = state.next
      state.countsByHost[host, default: 0] += 1
      return Number(value: state.next)
    }
  }

  /// Notes the certificate with which a connection's handshake was completed.
  package func identify(_ number: Number, by certificate: PresentedCertificate) {
    state.withLock { $0.connections[number.value]?.certificate = certificate }
  }

  /// Forgets a connection that is closed.
  package func remove(_ number: Number) {
    state.withLock { state in
      guard let connection = state.connections.removeValue(forKey: number.value) else { return }
      if state.latestByPeer[connection.peer] == number.value { state.latestByPeer[connection.peer] = nil }
      let left = state.countsByHost[connection.host, default: 1] - 1
      state.countsByHost[connection.host] = left > 0 ? left : nil
    }
  }

  /// The certificate of the connection from that remote address, if it has one.
  package func certificate(of peer: String) -> PresentedCertificate? {
    state.withLock { state in state.latestByPeer[peer].flatMap { state.connections[$0]?.certificate } }
  }

  /// Closes each connection whose certificate `isRefused`.
  package func close(where isRefused: (PresentedCertificate) -> Bool) {
    let closing = state.withLock { state in
      var closing: [@Sendable () -> Void] = []
      for (number, connection) in state.connections where !connection.isClosing {
        guard let certificate = connection.certificate, isRefused(certificate) else { continue }
        state.connections[number]?.isClosing = true
        closing.append(connection.close)
      }
      return closing
    }
    for close in closing { close() }
  }
}
