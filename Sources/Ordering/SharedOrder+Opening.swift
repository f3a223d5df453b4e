import Consensus
import Ledger
import Merkle
import Primitives
import Store

extension SharedOrder {
  /// So many later epochs are looked for.
  private static let laterEpochs: UInt64 = 4

  /// Refuses to follow an epoch that the members have left without this node: nobody would make final what it records there.
  /// Fails with preconditionFailed EPOCH_OVER.
  func requireLatest<Engine: OrderingEngine>(_ epoch: UInt64, _ engine: Engine) async throws(Failure) {
    if let promise = try? seat.promises.get().promise, promise.epoch > epoch {
      throw Failure(
        .preconditionFailed, "EPOCH_OVER",
        "this node's log is of epoch \(epoch), and what it signed last of epoch \(promise.epoch): this data directory is "
          + "not the one that signed it; make it from the other members' nodes, with cairnd join")
    }
    for later in 1...Self.laterEpochs {
      let name = StreamNames(ledgerID: writer.views.current.ledgerID, epoch: epoch + later).stream
      do throws(Failure) { _ = try await engine.streamInfo(name) } catch {
        guard error.reason == "ENGINE_NO_STREAM" else { throw error }
        continue
      }
      throw Failure(
        .preconditionFailed, "EPOCH_OVER",
        "the members have opened epoch \(epoch + later), and this node is in epoch \(epoch): cairnd recover close, then "
          + "cairnd recover open with the statements that they used; a new member: cairnd join")
    }
  }

  /// Says what to do about a stream that is not the one that was followed so far.
  static func advised(_ failure: Failure) -> Failure {
    let advice: String
    switch failure.reason {
    case "ENGINE_LOST", "ENGINE_ROLLED_BACK":
      advice = "this node takes no batches until its operator has run cairnd recover"
    case "ENGINE_TRIMMED": advice = "what is missing comes from the peers that consortium.yaml names"
    default: return failure
    }
    return Failure(
      failure.kind, failure.reason, "\(failure.message): \(advice)", metadata: failure.metadata,
      retryAfterMilliseconds: failure.retryAfterMilliseconds)
  }

  /// Refuses a stream of an epoch after the first that does not begin with an opening from where this node's log ends, by the
  /// signed statements of a quorum. Nothing of what another member or this node's operator concluded from them is believed.
  /// Fails with preconditionFailed WRONG_OPENING.
  func requireOpening(_ messages: [PreparedMessage], of epoch: UInt64) throws(Failure) {
    guard epoch > 1, let first = messages.first, first.sequence == 1 else { return }
    guard case .opening(let opening) = first.item else {
      throw Self.wrongOpening(epoch, "its stream does not begin with one")
    }
    let view = writer.views.current
    let end = LogPoint(size: view.logSize, root: view.edge.root)
    guard opening.base == end else {
      throw Self.wrongOpening(
        epoch,
        "it goes on from \(opening.base), this node from \(end): others took other statements; see cairnd recover")
    }
    do throws(Failure) {
      try Recovery.judge(
        opening, ledgerID: view.ledgerID, epoch: epoch, directory: view.directory,
        signers: try writer.store.signersSinceFinal(in: view), root: writer.store.roots(of: view))
    } catch {
      guard error.kind == .preconditionFailed || error.kind == .malformed else { throw error }
      throw Self.wrongOpening(epoch, "\(error)")
    }
  }

  private static func wrongOpening(_ epoch: UInt64, _ why: String) -> Failure {
    Failure(
      .preconditionFailed, "WRONG_OPENING", "the opening of epoch \(epoch) is not one that can be followed: \(why)")
  }
}
