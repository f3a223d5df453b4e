import Consensus
import Consortium
import Foundation
import Ledger
import Merkle
import Ordering
import Peers
import Primitives
import Signing
import Store
import SwiftProtobuf
import Wire

/// Leaving an epoch, which cannot be taken back.
extension RecoveryDesk {
  /// Refuses to leave an epoch that goes on without this node: preconditionFailed EPOCH_IN_USE where so many peers follow its
  /// stream that they are a quorum. Peers that give no answer follow nothing.
  func requireLostEpoch() async throws(Failure) {
    let (view, promise) = (try view(), try promises.promise)
    guard !promise.isClosed else { return }
    let following = Set(
      try await PeerStatuses.all(of: peers())
        .filter { $0.engineState == .connected && $0.epoch == promise.epoch }
        .compactMap { MemberID($0.memberID) })
    let signers = Signers(view.directory, at: view.ledgerTime)
    guard !signers.isQuorum(ofMembers: following) else {
      let names = following.map(\.description).sorted().joined(separator: ", ")
      throw Failure(
        .preconditionFailed, "EPOCH_IN_USE",
        "\(names) follow the engine in epoch \(promise.epoch), and are enough to make FINAL: the ledger goes on. If this node "
          + "alone says that the engine is lost or rolled back, its data directory is damaged or old: move it aside and let "
          + "cairnd join make a new one. If all members have agreed to leave the epoch: --agreed")
    }
  }

  /// Goes on with what is proven where a node was stopped while it caught up. What `cairnd join` has not brought to an end has
  /// nothing to go on with: preconditionFailed CATCH_UP_UNFINISHED.
  func endCatchUp() async throws(Failure) {
    guard let base = try store.readNow({ try $0.catchUpBase() }) else { return }
    guard !base.note.isEmpty else { throw base.isUnfinished }
    try await store.endCatchUp()
  }

  /// Leaves the epoch: what the node says of it is on disk when this returns, and the same for ever.
  func close(unbegun: Bool) throws(Failure) -> SignedStatement {
    var promise = try promises.promise
    if promise.isClosed, let kept = try store.statement(of: promise.epoch) {
      return try SignedStatement(serialized: kept)
    }
    if !promise.isClosed {
      try requireItsEpoch(promise.epoch, unbegun)
      let isSurprising = try isUnbegun(promise.epoch)
      guard unbegun || !isSurprising else {
        throw Failure(
          .preconditionFailed, "EPOCH_NOT_BEGUN",
          "epoch \(promise.epoch) is open here and this node has read nothing of it: cairnd serve comes next. If the engine of "
            + "that epoch is lost too: --unbegun")
      }
      promise = promise.closed
      try promises.save(promise)
    }
    let view = try view()
    let statement = try Statement(
      ledgerID: view.ledgerID, closedEpoch: promise.epoch, signed: promise.log, finalSize: view.certifiedSize,
      log: LogPoint(size: view.logSize, root: view.edge.root)
    ).signed(by: key)
    try store.save(statement: try BatchBuilder.serialize(statement.wire), of: promise.epoch)
    return statement
  }

  /// Whether nothing of an epoch after the first has been applied here.
  func isUnbegun(_ epoch: UInt64) throws(Failure) -> Bool {
    guard epoch > 1 else { return false }
    return try store.readNow { try $0.enginePlace() }.map { $0.epoch == epoch && $0.sequence == 0 } ?? true
  }

  /// Refuses a data directory that is older than what the node signed: its epoch is another one.
  private func requireItsEpoch(_ epoch: UInt64, _ unbegun: Bool) throws(Failure) {
    guard !unbegun, let place = try store.readNow({ try $0.enginePlace() }), place.epoch < epoch else { return }
    throw Failure(
      .preconditionFailed, "EPOCH_OVER",
      "this data directory is of epoch \(place.epoch), and the node has signed in epoch \(epoch), which this would leave: move the "
        + "directory aside and let cairnd join make a new one. If the engine of epoch \(epoch) is lost as well: --unbegun"
    )
  }
}

extension SignedStatement {
  /// Reads what was kept.
  fileprivate init(serialized bytes: Data) throws(Failure) {
    guard let wire = try? Cairn_V1_SignedStatement(serializedBytes: bytes) else {
      throw Failure(.corrupt, "MALFORMED_STATEMENT", "the statement that was kept cannot be read")
    }
    try self.init(wire)
  }
}
