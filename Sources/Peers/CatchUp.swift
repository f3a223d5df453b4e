import Checkpoints
import Client
package import Consensus
import Consortium
import Foundation
package import Ledger
import Merkle
package import Primitives
package import Store
import Wire

/// Fetches from other members' nodes what this node's log lacks. Everything is verified: the order of the entries, every
/// signature, every record against its batch's tree, every rule, the root, and that a quorum of the members, as the log itself
/// says who they are, vouches for the root. Nothing that a peer says is believed, and what turns out to be wrong is taken out
/// again.
///
/// It may be ended or killed at any time; the next run goes on where this one was.
package struct CatchUp: Sendable {
  /// How far it has got.
  package struct Progress: Sendable {
    /// Entries on disk.
    package let size: UInt64
    /// Entries that the peer has a certificate for.
    package let target: UInt64
    /// Who sends.
    package let peer: String
  }

  /// What was fetched.
  package struct Outcome: Sendable {
    /// The state at the log's end.
    package let state: LedgerState
    /// The certificate over all of it.
    package let certificate: CertifiedNote
    /// Who vouches for it.
    package let signers: Set<MemberID>
    /// Where the engine's stream is to be followed from; nil where the ledger has no engine.
    package let place: OrderPlace?
    /// Peers that sent what was wrong, and what it was.
    package let liars: [(peer: String, failure: Failure)]
  }

  /// What it needs from the node it runs in.
  package struct Hooks: Sendable {
    /// Told as it goes on.
    package var progress: @Sendable (Progress) -> Void
    /// Told of a peer that is left for another, and why.
    package var trouble: @Sendable (String, Failure) -> Void
    /// Has the open indexes forget what led to records that were erased.
    package var erase: @Sendable ([Posting]?) throws(Failure) -> Void
    /// Signs a checkpoint over what was proven. May refuse, for a key that is no NODE key of this log.
    package var sign: @Sendable (LedgerState, CertifiedNote) async throws(Failure) -> SignedCheckpoint

    /// Hooks that do what they are told; without others nothing is shown and no index is open.
    package init(
      progress: @escaping @Sendable (Progress) -> Void = { _ in },
      trouble: @escaping @Sendable (String, Failure) -> Void = { _, _ in },
      erase: @escaping @Sendable ([Posting]?) throws(Failure) -> Void = { _ in },
      sign: @escaping @Sendable (LedgerState, CertifiedNote) async throws(Failure) -> SignedCheckpoint
    ) {
      self.progress = progress
      self.trouble = trouble
      self.erase = erase
      self.sign = sign
    }
  }

  /// What is fetched beside the log: where the order stood at its end.
  package enum Order: Hashable, Sendable {
    /// The place in the engine's stream, where the members share an engine: where more than one of them is a quorum, or a peer
    /// has such a place. In that epoch, if one is given.
    case shared(epoch: UInt64?)
    /// Nothing.
    case none
  }

  /// Failures of one peer in a row after which it is not asked again.
  static let maxFailures = 5
  /// After so many certificates it ends, however fast the ledger grows: the rest comes from the engine.
  static let maxRounds = 16
  /// How often the peers are asked for a place in the order that enough of them agree on.
  static let maxPlaceWaits = 30
  /// How often a peer is asked for a certificate that covers the vote which erased a record.
  static let maxErasureWaits = 30

  let store: Store
  let peers: [any Peer]
  let hooks: Hooks
  let order: Order
  let clock: any Clock<Duration>
  let pulse: any Clock<Duration>

  /// A catch-up of the log in `store` from `peers`, the first preferred. `clock` measures waits
  /// between tries, `pulse` the seconds for which a peer keeps this node waiting.
  package init(
    store: Store, peers: [any Peer], order: Order, hooks: Hooks, clock: any Clock<Duration> = ContinuousClock(),
    pulse: any Clock<Duration> = ContinuousClock()
  ) {
    self.order = order
    self.pulse = pulse
    self.store = store
    self.peers = peers
    self.hooks = hooks
    self.clock = clock
  }

  /// Fetches all that the peers have a certificate for. Fails with NO_PEER when none of them is left, saying why of each; what
  /// is proven by then stays, and the rest where it may be of use.
  package func run() async throws(Failure) -> Outcome {
    try await store.beginCatchUp()
    var roster = Roster(peers)
    // What an earlier run left is anybody's.
    var stagedBy: Source = try await hasUnproven() ? .unknown : .nobody
    while let peer = roster.next() {
      if roster.mustRest { try await rest(roster.waitMilliseconds) }
      let before = try await store.read { try $0.logSize() }
      do {
        let proven = try await Session(self, peer).run()
        return Outcome(
          state: proven.state, certificate: proven.certificate, signers: proven.signers, place: proven.place?.place,
          liars: roster.liars)
      } catch {
        guard let trouble = error as? PeerTrouble else { throw Failure(.bug, "UNEXPECTED_ERROR", "\(error)") }
        let hadStaged = try await hasStaged(before)
        let isAlone = stagedBy.isOnly(peer.name) || !hadStaged
        switch trouble {
        case .own(let failure): throw failure
        case .away(let failure):
          hooks.trouble(peer.name, failure)
          let grew = try await store.read { try $0.logSize() } > before
          roster.failed(peer.name, failure, hasProgressed: grew)
          stagedBy = try await hasUnproven() ? (isAlone ? .peer(peer.name) : .unknown) : .nobody
        case .lied(let failure):
          try await store.abandonUnproven()
          stagedBy = .nobody
          // What somebody else began may be what was wrong: the peer is asked again, for all of it.
          if isAlone {
            hooks.trouble(peer.name, failure)
            roster.lied(peer.name, failure)
          } else {
            roster.again(peer.name)
          }
        }
      }
    }
    throw roster.failure
  }

  /// Who sent what is not proven yet.
  private enum Source {
    case nobody, unknown
    case peer(String)

    func isOnly(_ name: String) -> Bool {
      switch self {
      case .nobody: true
      case .unknown: false
      case .peer(let other): other == name
      }
    }
  }

  private func hasStaged(_ size: UInt64) async throws(Failure) -> Bool {
    try await store.read { try $0.catchUpBase()?.size ?? size } < size
  }

  private func hasUnproven() async throws(Failure) -> Bool {
    let (base, size) = try await store.read { (try $0.catchUpBase()?.size ?? 0, try $0.logSize()) }
    return base < size
  }

  func rest(_ milliseconds: Int) async throws(Failure) {
    do { try await clock.sleep(for: .milliseconds(milliseconds)) } catch {
      throw Failure(.unavailable, "CANCELLED", "interrupted")
    }
  }
}

/// Why a peer is not asked on.
enum PeerTrouble: Error {
  /// What it sent is wrong.
  case lied(Failure)
  /// It is gone, slow or behind, or refuses.
  case away(Failure)
  /// This node failed, not the peer.
  case own(Failure)
}
