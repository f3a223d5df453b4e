package import Consensus
package import Primitives

/// What a peer proves of the logs that members named. It may keep a proof back; it cannot give a false one.
package struct PeerProofs: Sendable {
  private let peer: any Peer

  /// Proofs from that peer.
  package init(_ peer: any Peer) { self.peer = peer }

  /// The proof that `larger` continues `smaller`; nil where the peer's log does not show that. Fails where it does not answer.
  package func link(from smaller: LogPoint, to larger: LogPoint) async throws(Failure) -> ConsistencyLink? {
    let path: [Digest]
    do throws(Failure) { path = try await peer.consistencyPath(from: smaller.size, to: larger.size) } catch {
      guard error.kind != .unavailable, error.kind != .exhausted else { throw error }
      return nil
    }
    return try? ConsistencyLink(from: smaller, to: larger, path: path)
  }

  /// The longest log that `target` and this node's own log both begin with: at least `shared`, which is proved of both, and as
  /// long as the peer shows. `root` is this node's own over its first entries, nil beyond its end.
  package func sharedLog(
    with target: LogPoint, from shared: LogPoint, root: Certifier.RootSource
  ) async throws(Failure) -> LogPoint {
    var (shared, end) = (shared, target.size)
    while shared.size + 1 < end {
      let size = shared.size + (end - shared.size) / 2
      if let root = root(size), try await link(from: LogPoint(size: size, root: root), to: target) != nil {
        shared = LogPoint(size: size, root: root)
      } else {
        end = size
      }
    }
    return shared
  }
}
