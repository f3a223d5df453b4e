import Checkpoints
import Consensus
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Store
import Wire

extension CatchUp {
  /// One peer's turn.
  struct Session {
    /// A log that a quorum vouches for, and from where to go on.
    struct Proven {
      let state: LedgerState
      let certificate: CertifiedNote
      let signers: Set<MemberID>
      let place: SignedPlace?
    }

    let catchUp: CatchUp
    let peer: any Peer

    init(_ catchUp: CatchUp, _ peer: any Peer) {
      self.catchUp = catchUp
      self.peer = peer
    }

    private var store: Store { catchUp.store }

    func run() async throws -> Proven {
      var certificate = try await certificate()
      try await leaveUnprovenBeyond(certificate)
      var unplaced = 0
      for round in 1... {
        // Nodes keep places for a while only: they are asked for before the log is, which may take long.
        let answers = await catchUp.places(at: certificate.checkpoint.size)
        let importer = try await fetch(upTo: certificate)
        let state = await importer.state
        let signers = try verify(certificate, state)
        let place = try own(placing: answers, state)
        let next = try await certificateCoveringErasures(certificate)
        let proven = Proven(state: state, certificate: certificate, signers: signers, place: place)
        let isPlaced = place != nil || !catchUp.needsPlace(answers, state)
        let isComplete = next.checkpoint.size <= certificate.checkpoint.size || round >= CatchUp.maxRounds
        if isPlaced, try await !hasOpenErasures(in: certificate) {
          try await prove(proven, isComplete: isComplete)
          if isComplete { return proven }
        }
        if !isPlaced {
          unplaced += 1
          guard unplaced < CatchUp.maxPlaceWaits else { throw PeerTrouble.own(PlaceAnswer.disagreement(answers)) }
          try await own { () async throws(Failure) in try await catchUp.rest(1_000) }
        }
        if next.checkpoint.size > certificate.checkpoint.size { certificate = next }
      }
      throw PeerTrouble.own(Failure(.bug, "UNEXPECTED_ERROR", "the rounds have no end"))
    }

    private func own(placing answers: [PlaceAnswer], _ state: LedgerState) throws -> SignedPlace? {
      do { return try catchUp.place(answers, state) } catch { throw PeerTrouble.own(error) }
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

    private func prove(_ proven: Proven, isComplete: Bool) async throws {
      let note = proven.certificate.note.description
      let point = proven.certificate.checkpoint
      let course = proven.place.map { signed in
        ProvenCourse(
          certificate: SignedCheckpoint(size: point.size, root: point.root, note: note), place: EnginePlace(signed))
      }
      try await own { () async throws(Failure) in
        let checkpoint = try await catchUp.hooks.sign(proven.state, proven.certificate)
        try catchUp.hooks.erase(
          try await store.prove(checkpoint, following: course, isComplete: isComplete))
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
