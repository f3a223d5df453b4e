import Consensus
import Ledger
import Merkle
import Primitives
import Store

extension SharedOrder {
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
