import Checkpoints
import Client
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
    /// Signs the checkpoint over all that was proven. May refuse, for a key that is no NODE key of this log.
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

  /// Failures of one peer in a row after which it is not asked again.
  static let maxFailures = 5
  /// After so many certificates it ends, however fast the ledger grows: the rest comes from the engine.
  private static let maxRounds = 16
  /// How often a peer is asked for a certificate that covers the vote which erased a record.
  private static let maxErasureWaits = 30

  let store: Store
  let peers: [any Peer]
  let hooks: Hooks
  let clock: any Clock<Duration>
  let pulse: any Clock<Duration>

  /// A catch-up of the log in `store` from `peers`, the first preferred. `clock` measures waits
  /// between tries, `pulse` the seconds for which a peer keeps this node waiting.
  package init(
    store: Store, peers: [any Peer], hooks: Hooks, clock: any Clock<Duration> = ContinuousClock(),
    pulse: any Clock<Duration> = ContinuousClock()
  ) {
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
        let (outcome, signers) = try await Session(self, peer).run()
        return Outcome(
          state: outcome.state, certificate: outcome.certificate, signers: signers, liars: roster.liars)
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

  private func rest(_ milliseconds: Int) async throws(Failure) {
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

extension CatchUp {
  /// One peer's turn.
  private struct Session {
    let catchUp: CatchUp
    let peer: any Peer

    init(_ catchUp: CatchUp, _ peer: any Peer) {
      self.catchUp = catchUp
      self.peer = peer
    }

    private var store: Store { catchUp.store }

    func run() async throws -> ((state: LedgerState, certificate: CertifiedNote), Set<MemberID>) {
      var certificate = try await certificate()
      try await leaveUnprovenBeyond(certificate)
      for round in 1... {
        let importer = try await fetch(upTo: certificate)
        let state = await importer.state
        let signers = try verify(certificate, state)
        let next = try await certificateCoveringErasures(certificate)
        let isLast = next.checkpoint.size <= certificate.checkpoint.size || round >= CatchUp.maxRounds
        if isLast, try await !hasOpenErasures(in: certificate) {
          try await prove(certificate, state, isComplete: true)
          return ((state, certificate), signers)
        }
        if try await !hasOpenErasures(in: certificate) { try await prove(certificate, state, isComplete: false) }
        certificate = next
      }
      throw PeerTrouble.own(Failure(.bug, "UNEXPECTED_ERROR", "the rounds have no end"))
    }

    /// The peer's latest certificate, read and not verified.
    private func certificate() async throws -> CertifiedNote {
      let status = try await asking { () async throws(Failure) in try await peer.status() }
      let ledgerID = try await own { () async throws(Failure) in try await store.read { try $0.state().ledgerID } }
      return try lying { () throws(Failure) in
        guard status.ledgerID == Data(ledgerID.bytes) else {
          throw Failure(
            .preconditionFailed, "WRONG_LEDGER",
            "it serves ledger \(Digest(status.ledgerID)?.description ?? "of no id"); this node's is \(ledgerID)")
        }
        guard status.certifiedSize > 0 else {
          throw Failure(.corrupt, "NO_CERTIFICATE", "it has no checkpoint that a quorum of the members signed")
        }
        let certificate = try CertifiedNote(status.certifiedNote)
        guard certificate.checkpoint.size == status.certifiedSize else {
          throw Failure(.corrupt, "CERTIFICATE_MISMATCH", "its certificate is of another size than it says")
        }
        return certificate
      }
    }

    /// A peer that has a certificate for less than was fetched from another before: that is fetched again.
    private func leaveUnprovenBeyond(_ certificate: CertifiedNote) async throws {
      let size = certificate.checkpoint.size
      let (base, end) = try await own { () async throws(Failure) in
        try await store.read { (try $0.catchUpBase()?.size ?? 0, try $0.logSize()) }
      }
      guard base <= size else {
        throw PeerTrouble.away(
          Failure(.unavailable, "PEER_BEHIND", "it has a certificate for \(size) entries; this node has \(base)"))
      }
      if size < end { try await own { () async throws(Failure) in try await store.abandonUnproven() } }
    }

    private func fetch(upTo certificate: CertifiedNote) async throws -> Importer {
      let end = certificate.checkpoint.size
      let (hooks, name) = (catchUp.hooks, peer.name)
      let importer = try await own { () async throws(Failure) in
        try await Importer(store: store) { hooks.progress(Progress(size: $0, target: end, peer: name)) }
      }
      let start = await importer.size
      let patience = Patience()
      let peer = peer
      do {
        if start < end {
          try await patience.with(catchUp.pulse) {
            try await peer.batches(start..<end) { message in
              patience.received(message.byteCount)
              try await importer.take(message, upTo: end)
              patience.waits()
            }
          }
        }
        try await importer.finish(at: end)
      } catch { throw await trouble(error, importer) }
      return importer
    }

    private func trouble(_ error: any Error, _ importer: Importer) async -> PeerTrouble {
      if let fault = await importer.fault { return .lied(fault) }
      guard let failure = error as? Failure else { return .own(Failure(.bug, "UNEXPECTED_ERROR", "\(error)")) }
      if failure.reason == "ENTRY_MISSING" { return .lied(failure) }
      return await importer.hasFailedItself ? .own(failure) : .away(failure)
    }

    private func verify(_ certificate: CertifiedNote, _ state: LedgerState) throws -> Set<MemberID> {
      try lying { () throws(Failure) in
        guard state.edge.root == certificate.checkpoint.root else {
          throw Failure(
            .corrupt, "ROOT_MISMATCH",
            "its \(state.edge.size) entries have the root \(state.edge.root); its certificate says "
              + "\(certificate.checkpoint.root)")
        }
        return try certificate.verify(by: state.directory, ledgerID: state.ledgerID, at: state.lastLedgerTime)
      }
    }

    private func prove(_ certificate: CertifiedNote, _ state: LedgerState, isComplete: Bool) async throws {
      try await own { () async throws(Failure) in
        let checkpoint =
          try await isComplete
          ? catchUp.hooks.sign(state, certificate)
          : SignedCheckpoint(size: state.edge.size, root: state.edge.root, note: "")
        try catchUp.hooks.erase(try await store.prove(checkpoint, isComplete: isComplete))
      }
    }

    private func hasOpenErasures(in certificate: CertifiedNote) async throws -> Bool {
      let size = certificate.checkpoint.size
      return try await own { () async throws(Failure) in try await store.read { try $0.openClaim(in: size) != nil } }
    }

    /// The next certificate; where a record is missing because of a vote that this one does not cover yet, one that does.
    private func certificateCoveringErasures(_ certificate: CertifiedNote) async throws -> CertifiedNote {
      var next = try await self.certificate()
      guard try await hasOpenErasures(in: certificate) else { return next }
      for _ in 0..<CatchUp.maxErasureWaits where next.checkpoint.size <= certificate.checkpoint.size {
        try await own { () async throws(Failure) in try await catchUp.rest(1_000) }
        next = try await self.certificate()
      }
      let size = certificate.checkpoint.size
      guard next.checkpoint.size > size else {
        throw PeerTrouble.lied(
          Failure(
            .corrupt, "ERASURE_UNPROVEN", "it keeps records back that no vote of its \(size) certified entries erased"))
      }
      return next
    }

    private func own<Value>(_ body: () async throws(Failure) -> Value) async throws -> Value {
      do { return try await body() } catch { throw PeerTrouble.own(error) }
    }

    private func asking<Value>(_ body: () async throws(Failure) -> Value) async throws -> Value {
      do { return try await body() } catch { throw PeerTrouble.away(error) }
    }

    private func lying<Value>(_ body: () throws(Failure) -> Value) throws -> Value {
      do { return try body() } catch { throw PeerTrouble.lied(error) }
    }
  }
}

extension Cairn_V1_ListBatchesResponse {
  /// Bytes of what matters in it.
  fileprivate var byteCount: Int {
    parts.reduce(0) { sum, part in sum + part.entry.count + part.records.reduce(0) { $0 + $1.count } }
  }
}
