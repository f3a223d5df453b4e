import Consensus
import Consortium
import Foundation
import Ledger
import Merkle
import Primitives
import Store
import Synchronization
import Wire

/// What one peer says of the place in the order at a checkpoint.
struct PlaceAnswer: Sendable {
  let peer: String
  let answer: Result<SignedPlace, Failure>

  /// Why there is no place that enough members agree on.
  static func disagreement(_ answers: [PlaceAnswer]) -> Failure {
    let said = answers.map { answer in
      switch answer.answer {
      case .success(let signed):
        let place = signed.place
        let state = place.stateHash.description.prefix(8)
        return "\(answer.peer): message \(place.sequence) of \(place.stream), state \(state)"
      case .failure(let failure): return "\(answer.peer): \(failure)"
      }
    }
    return Failure(
      .unavailable, "PLACE_UNKNOWN",
      "too few members' nodes say the same of where the engine's stream goes on from the log: \(said.joined(separator: "; ")). "
        + "Name more peers; after an epoch was opened, try again once something was recorded in it")
  }
}

extension CatchUp {
  /// What all peers say of the place at the checkpoint of that size, each within the patience that a peer has.
  func places(at size: UInt64) async -> [PlaceAnswer] {
    guard order != .none else { return [] }
    return await withTaskGroup(of: (Int, PlaceAnswer).self) { group in
      for (index, peer) in peers.enumerated() {
        group.addTask { (index, PlaceAnswer(peer: peer.name, answer: await place(of: peer, at: size))) }
      }
      var answers: [(index: Int, answer: PlaceAnswer)] = []
      for await (index, answer) in group { answers.append((index, answer)) }
      return answers.sorted { $0.index < $1.index }.map(\.answer)
    }
  }

  private func place(of peer: any Peer, at size: UInt64) async -> Result<SignedPlace, Failure> {
    let answer = Mutex<Cairn_V1_GetConsensusStateResponse?>(nil)
    do {
      try await Patience().with(pulse) {
        let wire = try await peer.consensusState(size: size)
        answer.withLock { $0 = wire }
      }
      guard let wire = answer.withLock({ $0 }) else { throw Failure(.unavailable, "NO_ANSWER", "no answer") }
      return .success(try SignedPlace(wire))
    } catch { return .failure(error as? Failure ?? Failure(.unavailable, "NO_ANSWER", "\(error)")) }
  }

  /// Whether the log cannot be followed from without a place: more than one member is a quorum, which only members that share
  /// an engine are, or a peer has one.
  func needsPlace(_ answers: [PlaceAnswer], _ state: LedgerState) -> Bool {
    guard order != .none else { return false }
    return state.directory.quorum(at: state.lastLedgerTime) > 1 || answers.contains { (try? $0.answer.get()) != nil }
  }

  /// The place that enough members agree on, as the proven log says who they are; nil where too few do. Fails with
  /// preconditionFailed EPOCH_OVER where it is in another epoch than this node.
  func place(_ answers: [PlaceAnswer], _ state: LedgerState) throws(Failure) -> SignedPlace? {
    guard case .shared(let epoch) = order else { return nil }
    let agreed = SignedPlace.agreed(
      answers.compactMap { try? $0.answer.get() }, on: LogPoint(size: state.edge.size, root: state.edge.root),
      ledgerID: state.ledgerID, directory: state.directory,
      signers: Signers(state.directory, at: state.lastLedgerTime))
    guard let agreed else { return nil }
    if let epoch, agreed.place.epoch != epoch {
      throw Failure(
        .preconditionFailed, "EPOCH_OVER",
        "the members are in epoch \(agreed.place.epoch), and this node is in epoch \(epoch): see cairnd recover")
    }
    return agreed
  }
}

extension EnginePlace {
  /// The place that enough members agreed on.
  init(_ signed: SignedPlace) {
    let place = signed.place
    self.init(
      epoch: place.epoch, stream: place.stream, created: place.created, sequence: place.sequence, stored: place.stored,
      state: signed.state)
  }
}
