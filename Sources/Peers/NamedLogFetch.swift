import Foundation
package import Ledger
import Merkle
package import Primitives
package import Store
import Wire

/// Fetches entries that no certificate covers yet, for a stopped node that goes on in a new epoch: up to a log that the members'
/// statements name, whose root shows that they are the right ones. What leads nowhere is taken out again.
package struct NamedLogFetch: Sendable {
  /// A log that somebody named.
  package typealias Target = (size: UInt64, root: Digest)

  let store: Store
  let peers: [any Peer]
  let progress: @Sendable (CatchUp.Progress) -> Void
  let sign: @Sendable (UInt64, Digest) throws(Failure) -> SignedCheckpoint

  /// A fetch into `store`; `sign` makes the checkpoint over what was fetched.
  package init(
    store: Store, peers: [any Peer], progress: @escaping @Sendable (CatchUp.Progress) -> Void,
    sign: @escaping @Sendable (UInt64, Digest) throws(Failure) -> SignedCheckpoint
  ) {
    self.store = store
    self.peers = peers
    self.progress = progress
    self.sign = sign
  }

  /// Goes to the longest of the logs that each peer in turn has. Gives what was wrong with whom; fails where this node's own
  /// disk does. Killed, it leaves unproven entries, which `Store.endCatchUp` takes out.
  package func run(_ targets: [Target]) async throws(Failure) -> [(peer: String, failure: Failure)] {
    var troubles: [(peer: String, failure: Failure)] = []
    for peer in peers {
      do {
        for target in targets.sorted(by: { $0.size > $1.size }) {
          if try await fetch(target, from: peer) { break }
        }
      } catch let trouble as PeerTrouble {
        try await store.endCatchUp()
        switch trouble {
        case .own(let failure): throw failure
        case .away(let failure), .lied(let failure): troubles.append((peer.name, failure))
        }
      } catch { throw Failure(.bug, "UNEXPECTED_ERROR", "\(error)") }
    }
    return troubles
  }

  /// Whether the log now reaches the target.
  private func fetch(_ target: Target, from peer: any Peer) async throws -> Bool {
    let size = try await own { () async throws(Failure) in try await store.read { try $0.logSize() } }
    guard target.size > size else { return true }
    let status = try await asking { () async throws(Failure) in try await peer.status() }
    guard status.logSize >= target.size else { return false }
    try await own { () async throws(Failure) in try await store.beginCatchUp() }
    let importer = try await own { () async throws(Failure) in
      try await Importer(store: store) {
        progress(CatchUp.Progress(size: $0, target: target.size, peer: peer.name))
      }
    }
    do {
      let patience = Patience()
      try await patience.with(ContinuousClock()) {
        try await peer.batches(size..<target.size) { message in
          patience.received(message.parts.reduce(0) { $0 + $1.records.reduce($1.entry.count) { $0 + $1.count } })
          try await importer.take(message, upTo: target.size)
          patience.waits()
        }
      }
      try await importer.finish(at: target.size)
    } catch {
      guard let failure = error as? Failure else { throw error }
      throw await importer.hasFailedItself ? PeerTrouble.own(failure) : .away(failure)
    }
    let isReached = await importer.state.edge.root == target.root
    try await own { () async throws(Failure) in
      if isReached {
        _ = try await store.prove(try sign(target.size, target.root), isComplete: true)
      } else {
        try await store.endCatchUp()
      }
    }
    return isReached
  }

  private func own<Value>(_ body: () async throws(Failure) -> Value) async throws -> Value {
    do { return try await body() } catch {
      throw error.reason == "ERASURE_UNPROVEN" ? PeerTrouble.away(error) : .own(error)
    }
  }

  private func asking<Value>(_ body: () async throws(Failure) -> Value) async throws -> Value {
    do { return try await body() } catch { throw PeerTrouble.away(error) }
  }
}
